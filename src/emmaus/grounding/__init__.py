"""Reads Character, Corpus and the words of a question or an answer. Gives Passage and Finding."""

from emmaus.grounding.citations import Finding, Repaired, check, insert, pointers, repair
from emmaus.grounding.retrieval import Index
from emmaus.grounding.timeline import beyond, disclaims, out_of_time

__all__ = [
    "Finding",
    "Index",
    "Repaired",
    "beyond",
    "check",
    "disclaims",
    "insert",
    "out_of_time",
    "pointers",
    "repair",
]
