import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emmaus.errors import BadInput
from emmaus.evals.statistics import SMALL, paired_difference, relative

sixteenths = st.integers(-160, 160).map(lambda value: value / 16)
pairs = st.lists(st.tuples(sixteenths, sixteenths), min_size=2, max_size=60)


def measured(values, **options):
    before, after = zip(*values, strict=True)
    return paired_difference("composite", before, after, draws=1000, **options)


def close(one, other):
    return all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(one, other, strict=True))


@settings(max_examples=60)
@given(pairs)
def test_swapping_the_arms_negates_everything(values):
    there, back = measured(values), measured([(after, before) for before, after in values])
    assert (there.mean, there.low, there.high) == (-back.mean, -back.high, -back.low)
    assert (there.incumbent, there.candidate) == (back.candidate, back.incumbent)


@settings(max_examples=60)
@given(pairs, st.randoms())
def test_the_order_of_the_pairs_does_not_matter(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    assert measured(values) == measured(shuffled)


@settings(max_examples=60)
@given(pairs, sixteenths)
def test_a_shift_of_one_arm_shifts_the_interval(values, shift):
    one = measured(values)
    other = measured([(before, after + shift) for before, after in values])
    assert close((one.mean + shift, one.low + shift, one.high + shift), (other.mean, other.low, other.high))


@settings(max_examples=60)
@given(pairs)
def test_the_interval_is_finite_and_ordered(values):
    found = measured(values)
    assert math.isfinite(found.low)
    assert found.low <= found.high
    assert math.isclose(found.mean, found.candidate - found.incumbent, abs_tol=1e-9)


def test_three_pairs_give_the_textbook_t_interval():
    found = paired_difference("composite", [0, 0, 0], [1, 2, 3])
    assert found.mean == 2
    assert found.high - 2 == pytest.approx(4.302653 / math.sqrt(3), abs=1e-5)
    assert 2 - found.low == pytest.approx(found.high - 2)


@pytest.mark.parametrize("n", [2, 3, 29, 30, 200])
def test_equal_differences_give_a_point(n):
    found = paired_difference("composite", [0.1] * n, [0.3] * n)
    assert found.low == found.high == found.mean == pytest.approx(0.2)
    before = np.linspace(0.1, 0.7, n)
    found = paired_difference("composite", before, before + 0.2)
    assert (found.low, found.high) == pytest.approx((0.2, 0.2), abs=1e-12)


def test_no_difference_is_exactly_zero():
    found = paired_difference("in_time", [1.0] * 130, [1.0] * 130)
    assert (found.mean, found.low, found.high) == (0, 0, 0)


def test_skewed_differences_get_a_skewed_interval():
    values = np.random.default_rng(0).exponential(size=SMALL * 2)
    found = paired_difference("answer_loss", np.zeros_like(values), values)
    assert found.high - found.mean > 1.05 * (found.mean - found.low)


def test_the_same_seed_gives_the_same_interval_and_another_nearly_the_same():
    draw = np.random.default_rng(0)
    before, after = draw.random(130), draw.random(130)
    one, same = (paired_difference("composite", before, after, seed=1) for _ in range(2))
    other = paired_difference("composite", before, after, seed=2)
    assert one == same
    assert one != other
    assert abs(one.low - other.low) < 0.05 * (one.high - one.low)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([0.1, math.nan, 0.3], [1, 2, 3], "incumbent's value of pair 2 is nan"),
        ([1, 2, 3], [0.1, 0.2, math.inf], "candidate's value of pair 3 is inf"),
        ([1, 2], [1, 2, 3], "cannot be paired"),
        ([1], [2], "at least 2 pairs"),
        ([], [], "at least 2 pairs"),
        ([[1, 2]], [[1, 2]], "one number a pair"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(before, after, said):
    with pytest.raises(BadInput, match=said):
        paired_difference("composite", before, after)


def test_too_few_draws_are_refused():
    with pytest.raises(BadInput, match="draws is 10"):
        paired_difference("composite", [1, 2], [2, 1], draws=10)


@pytest.mark.parametrize(
    ("n", "draw"),
    [
        (12, lambda g, n: g.normal(0.2, 0.3, n) - 0.2),
        (40, lambda g, n: g.normal(0.2, 0.3, n) - 0.2),
        (100, lambda g, n: g.exponential(1, n) - 1),
        (130, lambda g, n: -(g.random(n) < 0.06).astype(float) + 0.06),
    ],
    ids=["normal, t", "normal, BCa", "skewed, BCa", "rare, BCa"],
)
def test_95_of_100_intervals_hold_the_truth(n, draw):
    generator, runs, zero = np.random.default_rng(11), 500, np.zeros(n)
    found = [paired_difference("composite", zero, draw(generator, n), draws=1000, seed=run) for run in range(runs)]
    coverage = sum(d.low <= 0 <= d.high for d in found) / runs
    # Three standard errors of a simulation of 500 are 2.9 points.
    assert 0.92 <= coverage <= 0.98


def test_the_interval_of_the_percentage_holds_the_truth():
    generator, held = np.random.default_rng(5), 0
    for run in range(400):
        before = generator.gamma(6, 0.08, 60)
        after = 0.7 * before + 0.25 + generator.normal(0, 0.1, 60)
        found = paired_difference("composite", before, after, draws=1000, seed=run)
        _, low, high = relative(found, before, after, draws=1000, seed=run)
        held += low <= 100 * ((0.7 * 0.48 + 0.25) / 0.48 - 1) <= high
    assert 0.915 <= held / 400 <= 0.985


def test_percentages_are_improvements_in_both_directions():
    rise = paired_difference("composite", [0.4, 0.5, 0.6], [0.5, 0.6, 0.8])
    fall = paired_difference("answer_loss", [4, 5, 6], [3, 4, 4])
    percent, low, high = relative(rise)
    assert percent == pytest.approx(100 * 0.4 / 1.5)
    assert low < percent < high
    percent, low, high = relative(fall, [4, 5, 6], [3, 4, 4])
    assert percent == pytest.approx(100 * 4 / 15)
    assert 0 < low < percent < high


def test_no_percentage_of_what_may_be_zero():
    before, after = [-1.0, 0.5, 0.9, -0.2], [1.0, 1.0, 1.0, 1.0]
    found = paired_difference("composite", before, after)
    assert all(map(math.isnan, relative(found, before, after)))
    assert all(map(math.isnan, relative(paired_difference("composite", [0, 0], [1, 1]))))


def test_ten_thousand_pairs_are_quick():
    draw = np.random.default_rng(0)
    before, after = draw.random(10_000), draw.random(10_000)
    started = time.process_time()
    paired_difference("composite", before, after, draws=2000)
    assert time.process_time() - started < 5  # a loop in Python would take minutes
