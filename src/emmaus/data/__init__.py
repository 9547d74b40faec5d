"""Reads Conversation, Rating, Consent. Writes Score, Rejection, Dataset: generate, score, freeze, export."""

from emmaus.data.checks import rubric
from emmaus.data.export import Exported, Format, export
from emmaus.data.freeze import MINIMUM_EXAMPLES, freeze, newest, still_allowed
from emmaus.data.generate import Drawing, Generated, Spent, generate, generated
from emmaus.data.scoring import Scored, score

__all__ = [
    "MINIMUM_EXAMPLES",
    "Drawing",
    "Exported",
    "Format",
    "Generated",
    "Scored",
    "Spent",
    "export",
    "freeze",
    "generate",
    "generated",
    "newest",
    "rubric",
    "score",
    "still_allowed",
]
