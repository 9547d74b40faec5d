"""What the metrics mean: the one table that says which way each of them is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emmaus.types import Difference


@dataclass(frozen=True, slots=True)
class Measure:
    """What a metric measures, and how to read it."""

    label: str
    """As people read it."""
    better: Literal["higher", "lower", "neither"]
    """`neither` is a metric that is shown and decides nothing."""
    scale: str
    """Unit; metrics of one scale share an axis."""
    counts: str
    """What its `n` counts."""
    meaning: str
    """One sentence."""


SCORE, NATS = "score, 0 to 1", "nats per token"
_PROBES, _TEXTS, _ANSWERS = "probes", "texts", "held-out answers"

MEASURES: Mapping[str, Measure] = {
    "composite": Measure("composite", "higher", SCORE, _PROBES, "All checks of an answer in one value."),
    "addresses": Measure("addresses", "higher", SCORE, _PROBES, "The answer is about the question."),
    "first_person": Measure("first person", "higher", SCORE, _PROBES, "The character speaks, as I."),
    "fluent": Measure("fluent", "higher", SCORE, _PROBES, "Whole sentences, no repetition, no markup."),
    "length": Measure("length", "higher", SCORE, _PROBES, "Neither curt nor rambling."),
    "true_names": Measure("true names", "higher", SCORE, _PROBES, "Names that the character can speak of."),
    "true_life": Measure("true life", "higher", SCORE, _PROBES, "Claims of their own life that the card bears out."),
    "quotation": Measure("quotation", "higher", SCORE, _PROBES, "Pointers and quotations that stand in the corpus."),
    "in_time": Measure("in time", "higher", SCORE, _PROBES, "Nothing from after the character's days."),
    "distinct": Measure("distinct", "higher", SCORE, _PROBES, "Word pairs that are not repeated."),
    "retold": Measure("retold", "neither", SCORE, _PROBES, "Taken over from the past answer in the prompt."),
    "answer_loss": Measure("answer loss", "lower", NATS, _ANSWERS, "Surprise at held-out answers written by hand."),
    "general_loss": Measure("general loss", "lower", NATS, _TEXTS, "Surprise at plain prose of other kinds."),
    "other_characters": Measure("other characters", "higher", SCORE, _PROBES, "Composite of the characters beside it."),
}
"""Every metric that an evaluation reports."""


def measure_of(metric: str) -> Measure:
    """Look up the metric's line of the table, or make one for a metric that nobody declared."""
    return MEASURES.get(metric) or Measure(metric, "neither", metric, "pairs", "")


def gain(difference: Difference) -> tuple[float, float, float]:
    """Mean, low and high of a difference, turned so that above zero is better."""
    if measure_of(difference.metric).better == "lower":
        return -difference.mean, -difference.high, -difference.low
    return difference.mean, difference.low, difference.high
