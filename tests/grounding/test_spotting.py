"""Terms are found as one pattern of all of them would find them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.grounding.spotting import Spotter

TERMS = [
    "bus",
    "Big Bang",
    "Big Ben",
    "printing press",
    "9/11",
    "rock'n'roll",
    "St. Bernard",
    "coffee",
    "internet",
    "on line",
]
PIECES = [
    *TERMS,
    "big",
    "Ben",
    "press",
    "-",
    " ",
    "\n",
    "'",
    ".",
    "İnternet",
    "ınternet",
    "bu\u017f",
    "es",
    "9",
    "a",
    "COFFEE",
    "ß",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30)


def by_one_pattern(text, cased):
    forms = (r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", term))) for term in sorted(TERMS, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", 0 if cased else re.IGNORECASE)
    return [match.span() for match in pattern.finditer(text)]


@pytest.mark.parametrize("cased", [True, False])
def test_terms_are_found_as_by_one_pattern(cased):
    spotter = Spotter(TERMS, cased=cased)

    @given(texts)
    def found(text):
        assert list(spotter.spans(text)) == by_one_pattern(text, cased)

    found()


def test_of_two_terms_at_one_place_the_longer_is_found():
    spotter = Spotter(["big", "big bang", "bang"], cased=False)
    assert list(spotter.spans("A Big-Bang, a bang, bigger")) == [(2, 10), (14, 18)]
