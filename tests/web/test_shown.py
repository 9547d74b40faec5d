"""What a reader sees of an answer: true words, never an open bracket, nothing that a browser would run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.packs import load_pack
from emmaus.types import CARE, Turn
from emmaus.web.shown import LONGEST_HELD, Unfolding, show

VERSE = "\u201cWhen I am afraid, I will put my trust in you.\u201d (Psalm 56:3)"


@pytest.fixture(scope="module")
def corpus():
    return load_pack().corpus("WEB")


def unfolded(text, sizes, corpus):
    unfolding, shown, at = Unfolding(corpus), [], 0
    for size in sizes:
        shown.append(unfolding.feed(text[at : at + size]))
        at += size
    shown.append(unfolding.feed(text[at:]))
    return shown


@given(st.lists(st.integers(1, 9), max_size=20))
def test_however_it_is_cut_a_pointer_comes_out_as_its_verse(corpus, sizes):
    pieces = unfolded("I said: [Psalm 56:3] and [Nowhere 9:9] went on.", sizes, corpus)
    assert "".join(pieces) == f"I said: {VERSE} and  went on."
    assert not any("[" in piece for piece in pieces)


@given(st.text(alphabet="a[] 1:", max_size=200), st.lists(st.integers(1, 30), max_size=20))
def test_no_more_is_held_than_a_pointer_is_long(corpus, text, sizes):
    unfolding = Unfolding(corpus)
    for at in range(0, len(text), 7):
        unfolding.feed(text[at : at + 7])
        assert len(unfolding._held) < LONGEST_HELD


def test_a_verse_stands_apart_from_the_characters_words(corpus):
    shown = show(Turn("t1", "Why?", "I said it. [Psalm 56:3] Then I went.", ("Psalm 56:3", "Psalm 56:4")), corpus)
    assert [(part.text[:9], part.reference) for part in shown.parts] == [
        ("I said it", ""),
        ("\u201cWhen I a", "Psalm 56:3"),
        (" Then I w", ""),
    ]
    assert [(stand.reference, stand.pointed) for stand in shown.stands_on] == [
        ("Psalm 56:3", True),
        ("Psalm 56:4", False),
    ]


def test_a_passage_that_was_pointed_at_unasked_is_shown_too(corpus):
    shown = show(Turn("t1", "Why?", "So. [Psalm 23:1]", ("Psalm 56:3",)), corpus)
    assert [stand.reference for stand in shown.stands_on] == ["Psalm 56:3", "Psalm 23:1"]


def test_words_that_no_verse_has_lose_their_marks(corpus):
    shown = show(Turn("t1", "Why?", 'It says "trust your horoscope always".'), corpus)
    assert [part.text for part in shown.parts if part.own] == ["trust your horoscope always"]
    assert "\u201c" not in shown.text
    assert "".join(part.text for part in shown.parts) == shown.text


def test_a_verse_that_was_set_right_says_what_stood_there(corpus):
    said = 'I said "When I am afraid, I will put all my trust in you." [Psalm 56:3] It held.'
    shown = show(Turn("t1", "Why?", said), corpus)
    verses = [part for part in shown.parts if part.reference]
    assert [(part.reference, "all my trust" in part.instead) for part in verses] == [("Psalm 56:3", True)]
    assert "all my trust" not in shown.text
    true = show(Turn("t1", "Why?", "I said it. [Psalm 56:3]"), corpus)
    assert not any(part.instead or part.own for part in true.parts)


def test_a_passage_of_another_pack_is_passed_over(corpus):
    assert show(Turn("t1", "Why?", "So.", ("Hamlet 3:1",)), corpus).stands_on == ()


def test_the_programs_own_words_are_left_as_they_are(corpus):
    shown = show(Turn("t1", "Why?", 'call "988"\n- now', model=CARE), corpus)
    assert shown.care
    assert shown.text == 'call "988"\n- now'
