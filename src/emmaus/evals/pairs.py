"""Answers side by side: which probes gained, which lost, and how each kind of probe fared."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emmaus.evals.gate import Rule
from emmaus.evals.statistics import paired_difference
from emmaus.types import Difference, Evaluation, Probe, Sample, digest

MAIN = Rule().main
"""The metric by which pairs are ordered."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both arms' answers to one probe."""

    before: Sample
    after: Sample
    kind: str
    """The probe's kind; empty where it is not known."""

    @property
    def change(self) -> float | None:
        """Composite of the candidate minus that of the incumbent; None where an arm has none."""
        old, new = self.before.metrics.get(MAIN), self.after.metrics.get(MAIN)
        return None if old is None or new is None or old != old or new != new else new - old

    @property
    def changes(self) -> list[tuple[str, float, float]]:
        """Metrics beside the main one that differ by 0.05 or more: (metric, before, after)."""
        old, new = self.before.metrics, self.after.metrics
        both = [name for name in old if name in new and name != MAIN]
        return [(name, old[name], new[name]) for name in both if abs(new[name] - old[name]) >= 0.05]


@dataclass(frozen=True, slots=True)
class Telling:
    """The pairs to read first; none is in two lists."""

    gains: tuple[Pair, ...]
    losses: tuple[Pair, ...]
    random: tuple[Pair, ...]


def paired(evaluation: Evaluation, probes: Mapping[str, Probe]) -> list[Pair]:
    """Both arms' samples of each probe, in the order asked. A probe that only one arm answered is left out."""
    arms: dict[str, dict[str, list[Sample]]] = {"incumbent": defaultdict(list), "candidate": defaultdict(list)}
    for sample in evaluation.samples:
        arms[sample.arm][sample.probe].append(sample)
    return [
        Pair(before, after, probes[probe].kind if probe in probes else "")
        for probe, answered in arms["incumbent"].items()
        for before, after in zip(answered, arms["candidate"].get(probe, []), strict=False)
    ]


def telling(pairs: Sequence[Pair], *, most: int = 3, seed: int = 0) -> Telling:
    """Pick the biggest gains, the biggest losses, and as many of the rest by chance, the same ones for a seed."""
    known = sorted((p for p in pairs if p.change is not None), key=lambda p: (-(p.change or 0.0), p.before.probe))
    gains = [p for p in known if (p.change or 0.0) > 0][:most]
    losses = [p for p in reversed(known) if (p.change or 0.0) < 0][:most]
    rest = [p for p in pairs if not any(p is shown for shown in (*gains, *losses))]
    rest.sort(key=lambda p: digest([seed, p.before.probe, p.before.answer, p.after.answer]))
    return Telling(tuple(gains), tuple(losses), tuple(rest[:most]))


def slices(pairs: Sequence[Pair]) -> list[tuple[str, Difference]]:
    """Difference of the main metric for each kind of probe that has at least two pairs."""
    kinds: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.kind and pair.change is not None:
            kinds[pair.kind].append(pair)
    return [
        (kind, paired_difference(MAIN, *values_of(MAIN, members)))
        for kind, members in kinds.items()
        if len(members) > 1
    ]


def values_of(metric: str, pairs: Sequence[Pair]) -> tuple[list[float], list[float]]:
    """Paired values of a metric, incumbent and candidate, of the pairs in which both have one."""
    both = [(p.before.metrics.get(metric), p.after.metrics.get(metric)) for p in pairs]
    known = [(old, new) for old, new in both if old is not None and new is not None and old == old and new == new]
    return [old for old, _ in known], [new for _, new in known]
