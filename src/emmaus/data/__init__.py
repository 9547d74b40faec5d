"""Reads Conversation, Rating, Consent. Writes Score, Rejection, Dataset: generate, score, freeze, export."""

from emmaus.data.checks import rubric
from emmaus.data.export import Exported, Format, export
from emmaus.data.freeze import MINIMUM_EXAMPLES, freeze, newest, newest_id, still_allowed
from emmaus.data.generate import Drawing, Generated, Preview, Spent, generate, generated, preview
from emmaus.data.scoring import Scored, score

__all__ = [
    "MINIMUM_EXAMPLES",
    "Drawing",
    "Exported",
    "Format",
    "Generated",
    "Preview",
    "Scored",
    "Spent",
    "export",
    "freeze",
    "generate",
    "generated",
    "newest",
    "newest_id",
    "preview",
    "rubric",
    "score",
    "still_allowed",
]
