"""Reads Conversation, Rating, Consent. Writes Score, Rejection, Review, Dataset: generate, score, review, freeze."""

from emmaus.data.checks import rubric
from emmaus.data.decisions import REASONS, Reason, Verdict, decide, told
from emmaus.data.export import Exported, Format, export
from emmaus.data.freeze import MINIMUM_EXAMPLES, freeze, newest, newest_id, require_mixture, still_allowed, unchanged
from emmaus.data.generate import Drawing, Generated, Preview, Spent, generate, generated, preview
from emmaus.data.review import LISTED, Heard, Reviewed, Waiting, queue, reviewed, waiting
from emmaus.data.scoring import Scored, score

__all__ = [
    "LISTED",
    "MINIMUM_EXAMPLES",
    "REASONS",
    "Drawing",
    "Exported",
    "Format",
    "Generated",
    "Heard",
    "Preview",
    "Reason",
    "Reviewed",
    "Scored",
    "Spent",
    "Verdict",
    "Waiting",
    "decide",
    "export",
    "freeze",
    "generate",
    "generated",
    "newest",
    "newest_id",
    "preview",
    "queue",
    "require_mixture",
    "reviewed",
    "rubric",
    "score",
    "still_allowed",
    "told",
    "unchanged",
    "waiting",
]
