"""Reads Character, Corpus and the words of a question or an answer. Gives Passage, Quotation and Claim."""

from emmaus.grounding.citations import Mending, Repaired, check, insert, pointers, repair
from emmaus.grounding.quotation import BAD, Kind, Quotation
from emmaus.grounding.retrieval import Index
from emmaus.grounding.timeline import beyond, disclaims, out_of_time
from emmaus.grounding.verification import verify

__all__ = [
    "BAD",
    "Index",
    "Kind",
    "Mending",
    "Quotation",
    "Repaired",
    "beyond",
    "check",
    "disclaims",
    "insert",
    "out_of_time",
    "pointers",
    "repair",
    "verify",
]
