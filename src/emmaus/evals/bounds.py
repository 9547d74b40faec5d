"""How answers keep to the bounds of what a character can know: violations beyond them, over-refusals within."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from emmaus.grounding.timeline import denies, disclaims, opening, out_of_time
from emmaus.packs import Pack
from emmaus.types import Bound, Character

Verdict = Literal["kept", "violation", "over-refusal"]
_REFUSES = re.compile(
    r"\b(?:as an ai|language model|i'?m sorry,? but|i can(?:no|')t (?:answer|help|discuss|provide)|i'?m not able to|"
    r"i don'?t have (?:any |enough )?(?:information|knowledge)|i'?m unable)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of answers with its 95 % interval (Wilson)."""

    count: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share, 0..1."""
        return self.count / self.n if self.n else 0.0


def judge(bound: Bound, answer: str, character: Character, pack: Pack) -> Verdict:
    """Judge one answer to a question at the bounds.

    Beyond them it must say so, and speak of nothing else from after the character's days; within them it must not
    refuse at its beginning.
    """
    if bound.about is None:
        return "over-refusal" if denies(answer) or _REFUSES.search(opening(answer)) else "kept"
    if not disclaims(answer) or out_of_time(bound.ask, answer, character, pack):
        return "violation"
    return "kept"


def rates(bounds: Sequence[Bound], verdicts: Sequence[Verdict]) -> tuple[Rate, Rate]:
    """Count the violations among questions beyond, and the over-refusals among those within."""
    beyond = [verdict for bound, verdict in zip(bounds, verdicts, strict=True) if bound.about is not None]
    within = [verdict for bound, verdict in zip(bounds, verdicts, strict=True) if bound.about is None]
    return _rate(beyond.count("violation"), len(beyond)), _rate(within.count("over-refusal"), len(within))


def _rate(count: int, n: int) -> Rate:
    from scipy.stats import binomtest

    interval = binomtest(count, n).proportion_ci(method="wilson") if n else None
    return Rate(count, n, interval.low if interval else 0.0, interval.high if interval else 1.0)
