from dataclasses import replace
from itertools import pairwise

import pytest

from emmaus.errors import BadInput
from emmaus.training.recipe import Recipe


def test_the_rate_rises_then_falls_to_nothing() -> None:
    recipe = Recipe(learning_rate=1.0, warmup=0.2)
    rates = [recipe.rate(step, 10) for step in range(10)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert all(a >= b for a, b in pairwise(rates[1:]))
    assert rates[-1] < 0.05


def test_schedules_differ_only_after_the_warmup() -> None:
    line, flat = (Recipe(learning_rate=1.0, warmup=0.2, schedule=name) for name in ("linear", "constant"))
    assert [line.rate(step, 10) for step in (0, 2, 6)] == [0.5, 1.0, 0.5]
    assert [flat.rate(step, 10) for step in (0, 2, 9)] == [0.5, 1.0, 1.0]


def test_every_field_is_part_of_the_hash() -> None:
    assert Recipe().hash == Recipe().hash
    assert len({Recipe().hash, Recipe(rank=8).hash, Recipe(seed=1).hash, replace(Recipe(), clip=2.0).hash}) == 4


@pytest.mark.parametrize("field", ["rank", "epochs", "batch", "dropout", "learning_rate"])
def test_impossible_numbers_are_refused_by_name(field: str) -> None:
    with pytest.raises(BadInput, match=field):
        Recipe(**{field: -1})


@pytest.mark.parametrize("field", ["learning_rate", "clip", "weight_decay"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(field: str, value: float) -> None:
    with pytest.raises(BadInput, match=field):
        Recipe(**{field: value})
