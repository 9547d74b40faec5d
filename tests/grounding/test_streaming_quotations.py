"""What is told while an answer comes is never taken back: a quotation waits for its reference."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emmaus.grounding.citations import repair
from emmaus.grounding.streaming import readable
from emmaus.packs import load_pack

CORPUS = load_pack().corpus()
ANSWERS = [
    "I was glad. “Yahweh is my butcher: I shall lack nothing” (Psalm 23:1), I sang. Then we went "
    "home and slept, and the "
    "morning came with rain over the hills of Judah, and nobody spoke of it again.",
    "I remember John 3:16, it says, “Jesus wept.” It was a hard day for all of us who walked there, "
    "and long, and I was "
    "so tired that I sat down by the road and wept too, for my friend had gone away.",
    "Look at Psalm 160:2 and weep. Then go on, brother, as I did when I was young and the flock was all that I had.",
    "“[Yahweh] is my shepherd: [...] I shall lack nothing.” (Psalm 23:1) He looked up [looks up] and went [my way](http://"
    "a.b/c) and [see Psalm 56:3, 4] was gone for good, so that nobody saw him in the camp of Saul [or anywhere",
    'He said, "come and eat" and I came. I ate. He laughed at me, and I laughed too, and so it went.',
]


@pytest.mark.parametrize("answer", ANSWERS)
@settings(max_examples=25)
@given(places=st.lists(st.integers(0, 280)))
def test_nothing_is_taken_back(answer, places):
    pieces = [answer[a:b] for a, b in pairwise(sorted({0, len(answer), *(p for p in places if p < len(answer))}))]
    shown = list(readable(pieces, lambda text: repair(text, CORPUS).text))
    assert "".join(shown) == repair(answer, CORPUS).text


@given(
    st.lists(st.from_regex(r"[A-Za-z]{1,9}(?:['\u2019-][a-z]{1,4})?[,.;:!?]?", fullmatch=True), min_size=1, max_size=40)
)
def test_words_alone_are_shown_as_they_come(words):
    read = []

    def noted(text):
        read.append(text)
        return repair(text, CORPUS).text

    said = " ".join(words)
    assert "".join(readable([f" {word}" for word in words], noted)) == said
    assert len(read) == 1  # the whole, in the end
