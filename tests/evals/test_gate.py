import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emmaus.errors import BadInput
from emmaus.evals.gate import Rule, decide
from emmaus.evals.measures import MEASURES, gain
from emmaus.types import Difference

RULE = Rule()


def difference(metric, low=-0.01, high=0.02, n=130):
    mean = (low + high) / 2
    return Difference(metric, n, 0.5, 0.5 + mean, mean, low, high)


def good():
    main = difference("composite", 0.17, 0.25)
    return [main, *map(difference, RULE.guards)], [difference(metric) for metric in RULE.regressions]


def swap(differences, changed):
    return [changed if d.metric == changed.metric else d for d in differences]


def test_a_better_candidate_is_promoted_with_its_numbers():
    decision = decide(*good(), RULE)
    assert decision.promote
    assert decision.reasons[0] == (
        "composite rises by 0.21 [0.17, 0.25] on 130 probes: its lower bound clears the margin of 0.00"
    )
    assert len(decision.reasons) == 1 + len(RULE.guards) + len(RULE.regressions)


def test_an_uncertain_rise_is_held_and_says_how_many_probes_would_decide():
    differences, regressions = good()
    decision = decide(swap(differences, difference("composite", -0.02, 0.06, n=100)), regressions, RULE)
    assert not decision.promote
    assert "rises by 0.02 [-0.02, 0.06] on 100 probes: its lower bound does not clear" in decision.reasons[0]
    assert "about 420 of them would decide it" in decision.reasons[0]


def test_a_bound_that_only_touches_the_margin_is_held():
    differences, regressions = good()
    decision = decide(swap(differences, difference("composite", 0.0, 0.1)), regressions, RULE)
    assert not decision.promote


def test_close_numbers_are_printed_so_that_they_differ():
    differences, regressions = good()
    decision = decide(swap(differences, difference("in_time", -0.0504, 0.01)), regressions, RULE)
    assert "by 0.0504, more than the 0.0500 allowed" in decision.reasons[0]


def test_a_fall_is_held_without_advice_to_measure_more():
    differences, regressions = good()
    decision = decide(swap(differences, difference("composite", -0.2, -0.1)), regressions, RULE)
    assert not decision.promote
    assert "falls by 0.15 [0.10, 0.20]" in decision.reasons[0]
    assert "other training data" in decision.reasons[0]


def test_too_few_probes_are_held_however_good():
    differences, regressions = good()
    decision = decide(swap(differences, difference("composite", 0.3, 0.5, n=29)), regressions, RULE)
    assert not decision.promote
    assert "at least 30 probes" in decision.reasons[0]
    assert decide(swap(differences, difference("composite", 0.3, 0.5, n=30)), regressions, RULE).promote


@pytest.mark.parametrize("metric", [RULE.main, *RULE.guards, *RULE.regressions])
@pytest.mark.parametrize("spoil", ["missing", "nan", "nan bound", "infinite", "upside down", "twice"])
def test_nothing_is_promoted_on_a_metric_that_was_not_properly_measured(metric, spoil):
    differences, regressions = good()
    spoilt = {
        "nan": lambda d: [replace(d, mean=math.nan)],
        "nan bound": lambda d: [replace(d, low=math.nan)],
        "infinite": lambda d: [replace(d, high=math.inf)],
        "upside down": lambda d: [replace(d, low=d.high, high=d.low)],
        "missing": lambda d: [],
        "twice": lambda d: [d, d],
    }[spoil]
    differences, regressions = (
        [x for d in side for x in (spoilt(d) if d.metric == metric else [d])] for side in (differences, regressions)
    )
    decision = decide(differences, regressions, RULE)
    assert not decision.promote
    assert decision.reasons[0].startswith(metric)


@pytest.mark.parametrize(("metric", "bound"), [*RULE.guards.items(), *RULE.regressions.items()])
def test_every_bound_holds_in_the_direction_of_its_metric(metric, bound):
    differences, regressions = good()
    lower = MEASURES[metric].better == "lower"

    def promoted(worst):
        changed = difference(metric, -0.3, worst) if lower else difference(metric, -worst, 0.3)
        return decide(swap(differences, changed), swap(regressions, changed), RULE).promote

    assert promoted(bound - 0.001)
    assert not promoted(bound + 0.001)


def test_a_guard_that_never_differed_says_what_may_be_unseen():
    differences, regressions = good()
    decision = decide(swap(differences, difference("quotation", 0.0, 0.0)), regressions, RULE)
    assert decision.promote
    assert any("quotation is equal on all 130 probes" in r and "1 in 43" in r for r in decision.reasons)


def test_a_loss_can_be_the_main_metric():
    rule = Rule(main="answer_loss", guards={}, regressions={})
    better, worse = difference("answer_loss", -0.6, -0.4), difference("answer_loss", 0.4, 0.6)
    assert decide([better], [], rule).promote
    assert "falls by 0.50 [0.40, 0.60]" in decide([better], [], rule).reasons[0]
    assert not decide([worse], [], rule).promote


@pytest.mark.parametrize(
    "options",
    [{"main": "charm"}, {"guards": {"charm": 0.1}}, {"guards": {"fluent": -0.1}}, {"margin": math.nan}, {"minimum": 1}],
)
def test_a_rule_that_cannot_be_kept_is_refused(options):
    with pytest.raises(BadInput, match="the rule"):
        Rule(**options)


ends = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted)
metrics = [RULE.main, *RULE.guards, *RULE.regressions]


@st.composite
def measured(draw):
    found = {m: difference(m, *draw(ends | st.just([-0.01, 0.2])), n=draw(st.integers(2, 300))) for m in metrics}
    found[RULE.main] = difference(RULE.main, *draw(ends | st.just([0.1, 0.2])), n=draw(st.integers(20, 300)))
    return found


def decided(found):
    regressions = [found[m] for m in RULE.regressions]
    return decide([d for m, d in found.items() if m not in RULE.regressions], regressions, RULE)


@settings(max_examples=300)
@given(measured())
def test_never_promotes_when_the_main_interval_holds_zero(found):
    main = found[RULE.main]
    decision = decided(found)
    if main.low <= 0 <= main.high:
        assert not decision.promote
    assert decision.reasons
    assert all(reason.isprintable() for reason in decision.reasons)


@settings(max_examples=300)
@given(measured(), st.sampled_from(metrics), st.floats(0, 2))
def test_making_something_worse_never_turns_hold_into_promote(found, metric, harm):
    before = decided(found).promote
    old = found[metric]
    shift = harm if MEASURES[metric].better == "lower" else -harm
    worse = replace(old, mean=old.mean + shift, low=old.low + shift, high=old.high + shift)
    assert gain(worse)[1] <= gain(old)[1]
    assert before or not decided({**found, metric: worse}).promote
