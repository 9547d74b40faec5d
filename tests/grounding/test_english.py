"""Words of 1611 and of today come out alike."""

import pytest

from emmaus.grounding.english import content_words, roots


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("he feareth", "he fears"),
        ("she maketh", "they make"),
        ("he loveth", "we love"),
        ("thou knowest labour", "labor"),
        ("thy neighbour", "neighbor"),
        ("my father's", "father"),
    ],
)
def test_old_and_new_spellings(old, new):
    first, second = content_words(old), content_words(new)
    assert {word.rstrip("s") for word in first} == {word.rstrip("s") for word in second}


def test_what_only_looks_old_stays():
    assert content_words("teeth tempest harvest Nazareth")[:3] == ["teeth", "tempest", "harvest"]


def test_forms():
    assert {"worry"} <= roots("worries")
    assert {"lose"} <= roots("losing")
    assert {"bet"} <= roots("betting")
