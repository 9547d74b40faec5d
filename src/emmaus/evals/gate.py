"""The gate: may a candidate replace the incumbent? Values in, a decision with every reason out.

The candidate must be better on the main metric and must not be worse, by more than is allowed, on any other named one.
All of these must hold at once, so that many tests make a wrong promotion rarer and never likelier: no correction for
their number is needed (intersection-union test; Berger, Technometrics 24, 1982).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emmaus.errors import BadInput
from emmaus.evals.measures import MEASURES, gain, measure_of
from emmaus.types import Decision, Difference

MOST_PROBES = 100_000
"""A number of probes above this is no advice."""


MINIMUM = 30
"""Probes that an interval should rest on at least."""


def _guards() -> Mapping[str, float]:
    return {
        "first_person": 0.05,
        "fluent": 0.05,
        "true_names": 0.05,
        "true_life": 0.05,
        "quotation": 0.05,
        "in_time": 0.05,
        "distinct": 0.10,
        "answer_loss": 0.05,
    }


def _regressions() -> Mapping[str, float]:
    return {"general_loss": 0.10, "other_characters": 0.05}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a candidate must show. Every metric named here must have been measured, or nothing is promoted."""

    main: str = "composite"
    """The metric that must improve: the checks of an answer in one value."""
    margin: float = 0.0
    """The improvement's lower bound must lie above this, in the metric's unit. 0.0: any improvement that is certain
    counts, because an adapter of the same size costs nothing more to serve."""
    minimum: int = MINIMUM
    """Fewest probes of the main metric. Below 30 neither interval keeps its 95 % when differences are skewed, and
    a fault of 1 answer in 10 stays unseen in 4 % of evaluations."""
    guards: Mapping[str, float] = field(default_factory=_guards)
    """Metric -> how much it may worsen at most (the bad end of its interval). 0.05 of a score is one spoilt answer in
    twenty. It is strict: of candidates that change nothing about a fault in 3 % of the
    answers, 130 probes let two of three pass; more probes let more. `distinct` gets 0.10: a voice repeats its own turns
    of phrase, and that is no collapse. `answer_loss` 0.05 nats is 5 % of perplexity."""
    regressions: Mapping[str, float] = field(default_factory=_regressions)
    """As `guards`, for what lies outside the character: `general_loss` 0.10 nats is 10 % of perplexity on plain prose,
    a small price for a voice; `other_characters` 0.05 is a leak into one answer in twenty."""

    def __post_init__(self) -> None:
        """Refuse a rule that could not be kept.

        Raises:
            BadInput: a metric whose direction nobody declared, or a number out of range.
        """
        for metric in (self.main, *self.guards, *self.regressions):
            if metric not in MEASURES:
                raise BadInput(f"the rule names the metric {metric!r}; known are {', '.join(sorted(MEASURES))}")
        for name, bound in (("margin", self.margin), *self.guards.items(), *self.regressions.items()):
            if not (math.isfinite(bound) and bound >= 0):
                raise BadInput(f"the rule's bound {name} is {bound}; it must be a number of at least 0")
        if self.minimum < 2:
            raise BadInput(f"the rule's minimum is {self.minimum} probes; an interval needs at least 2")


@dataclass(frozen=True, slots=True)
class Finding:
    """One test of the rule: whether it was passed, and the sentence that says so."""

    metric: str
    passed: bool
    reason: str


def decide(differences: Sequence[Difference], regressions: Sequence[Difference], rule: Rule) -> Decision:
    """Promote only if every test of the rule is passed. Reasons come with numbers, what failed before the rest."""
    findings = examine(differences, regressions, rule)
    findings.sort(key=lambda finding: finding.passed)
    return Decision(all(finding.passed for finding in findings), tuple(finding.reason for finding in findings))


def examine(differences: Sequence[Difference], regressions: Sequence[Difference], rule: Rule) -> list[Finding]:
    """Every test of the rule: the main metric, then guards, then regressions."""
    found = [_main(_only(rule.main, differences), rule)]
    found += [_harmless(_only(metric, differences), bound) for metric, bound in rule.guards.items()]
    found += [_harmless(_only(metric, regressions), bound) for metric, bound in rule.regressions.items()]
    return found


def _only(metric: str, differences: Sequence[Difference]) -> Difference | Finding:
    """Find the one usable difference of a metric, or why there is none."""
    of = [difference for difference in differences if difference.metric == metric]
    if not of:
        return Finding(metric, False, f"{metric} was not measured: nothing is promoted without it")
    if len(of) > 1:
        return Finding(metric, False, f"{metric} was measured {len(of)} times: it is unclear which one counts")
    found = of[0]
    if not all(map(math.isfinite, (found.mean, found.low, found.high))):
        numbers = f"{found.mean:.2f} [{found.low:.2f}, {found.high:.2f}]"
        return Finding(metric, False, f"{metric} differs by {numbers}: not a number, so no evidence")
    if found.low > found.high:
        return Finding(
            metric, False, f"{metric} has an interval from {found.low} down to {found.high}: it was not measured"
        )
    return found


def _main(found: Difference | Finding, rule: Rule) -> Finding:
    if isinstance(found, Finding):
        return found
    mean, low, _ = gain(found)
    places = _places(low, rule.margin)
    said, margin = _change(found, places), f"the margin of {rule.margin:.{places}f}"
    if mean <= 0:
        reason = f"{said}: no improvement was seen; other training data is likelier to bring one than more probes"
        return Finding(found.metric, False, reason)
    verdict = "clears" if low > rule.margin else "does not clear"
    reason = f"{said}: its lower bound {verdict} {margin}"
    if found.n < rule.minimum:
        return Finding(found.metric, False, f"{reason}, and the rule asks for at least {rule.minimum} probes")
    if low > rule.margin:
        return Finding(found.metric, True, reason)
    return Finding(found.metric, False, f"{reason}; {_advice(found.n, mean - rule.margin, mean - low)}")


def _harmless(found: Difference | Finding, bound: float) -> Finding:
    if isinstance(found, Finding):
        return found
    mean, low, _ = gain(found)
    worst = -low
    places = _places(worst, bound)
    said = _change(found, places)
    if worst > bound:
        advice = _advice(found.n, bound + mean, mean - low)
        allowed = f"more than the {bound:.{places}f} allowed"
        reason = f"{said}: it may have worsened by {worst:.{places}f}, {allowed}; {advice}"
        return Finding(found.metric, False, reason)
    if found.low == found.high == 0:
        unseen = f"a harm to fewer than 1 in {found.n // 3} could stay unseen" if found.n >= 6 else "so few show little"
        return Finding(found.metric, True, f"{measure_word(found)} is equal on all {_counted(found)}; {unseen}")
    if worst <= 0:
        return Finding(found.metric, True, f"{said}: it does not worsen")
    reason = f"{said}: it worsens by at most {worst:.{places}f}, within the {bound:.{places}f} allowed"
    return Finding(found.metric, True, reason)


def measure_word(difference: Difference) -> str:
    """Name the metric, marked where lower is better."""
    lower = measure_of(difference.metric).better == "lower"
    return f"{difference.metric} (lower is better)" if lower else difference.metric


def _change(found: Difference, places: int) -> str:
    """Say what happened, with the interval in the direction of the verb."""
    sign = -1 if found.mean < 0 else 1
    low, high = sorted((sign * found.low, sign * found.high))
    verb = {True: "falls by", False: "rises by"}[found.mean < 0] if found.mean else "does not change:"
    interval = f"{_number(sign * found.mean, places)} [{_number(low, places)}, {_number(high, places)}]"
    return f"{measure_word(found)} {verb} {interval} on {_counted(found)}"


def _counted(found: Difference) -> str:
    return f"{found.n} {measure_of(found.metric).counts}"


def _places(value: float, bound: float) -> int:
    """Decimals with which a value and the bound it is held against are told apart (2 to 6)."""
    return next((p for p in range(2, 6) if (f"{value:.{p}f}" == f"{bound:.{p}f}") == (value == bound)), 6)


def _number(value: float, places: int) -> str:
    return f"{value + 0.0:.{places}f}".replace("-0." + "0" * places, "0." + "0" * places)


def _advice(n: int, room: float, half: float) -> str:
    """How many probes would decide, if the mean stays where it is: half widths shrink with the root of n."""
    if room <= 0:
        return "other training data is likelier to mend that than more probes"
    needed = math.ceil(1.05 * n * (half / room) ** 2) if half / room < math.sqrt(MOST_PROBES) else MOST_PROBES + 1
    if needed > MOST_PROBES:
        return "no practical number of probes would decide it"
    size = 10 ** max(0, len(str(needed)) - 2)
    return f"about {max(n + 1, math.ceil(needed / size) * size):,} of them would decide it if it stays so"
