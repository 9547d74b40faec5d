"""Texts are searched and checked where nobody speaks."""

import pytest

from emmaus import texts
from emmaus.errors import BadInput, NotFound


@pytest.mark.parametrize(
    ("asked", "k", "character", "error"),
    [
        (["hope"], 0, None, BadInput),
        (["hope"], texts.MOST + 1, None, BadInput),
        (["hope"], "3", None, BadInput),
        (["hope", None], 3, None, BadInput),
        (["hope", "x" * 20_001], 3, None, BadInput),
        (["hope"], 3, "noah", NotFound),
    ],
)
def test_a_search_that_cannot_be_made_is_refused_before_the_first_hit(open_small, asked, k, character, error):
    with pytest.raises(error):
        texts.search(open_small().parts, asked, k, character)


def test_hits_come_one_text_after_another(open_small):
    first, second = texts.search(open_small().parts, ["A burglar took my lamp", "..."], 2, None)
    assert first[0].reference == "Lectures 1:2"
    assert second == ()
