"""What a reader sees of an answer: true words, never an open bracket, nothing that a browser would run."""

import pytest

from emmaus.packs import load_pack
from emmaus.shown import LONGEST_SHOWN, helped, show
from emmaus.types import CARE, Turn


@pytest.fixture(scope="module")
def corpus():
    return load_pack().corpus("WEB")


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


@pytest.mark.parametrize("pointer", ["[Psalms]", "[Psalms; Psalm 119; Psalms]", "[Genesis 1:1-50:26]"])
def test_of_a_long_passage_the_place_alone_is_named(corpus, pointer):
    shown = show(Turn("t1", "Why?", f"I sang them. {pointer}", ("Psalm 119", "Psalm 56:3")), corpus)
    long = [stand for stand in shown.stands_on if stand.reference != "Psalm 56:3"]
    assert [stand.text for stand in long] == [""] * len(long)
    assert any(stand.pointed for stand in long)
    assert (long[0].reference, long[0].pointed) == ("Psalm 119", "119" in pointer)
    assert sum(len(stand.text) for stand in shown.stands_on) < 200


def test_a_passage_has_its_words_up_to_a_bound(corpus):
    fits, longer = f"Psalm 119:1-{LONGEST_SHOWN}", f"Psalm 119:1-{LONGEST_SHOWN + 1}"
    stands = show(Turn("t1", "Why?", "So.", (fits, longer, "Acts 8:37")), corpus).stands_on
    assert [(stand.reference, stand.text[:13]) for stand in stands] == [(fits, "Blessed are t"), (longer, "")]


def test_words_put_as_scripture_that_no_verse_has_lose_their_marks(corpus):
    shown = show(Turn("t1", "Why?", 'The Bible says "trust your horoscope always".'), corpus)
    assert shown.text == "The Bible says trust your horoscope always (in my own words)."
    assert [part.text for part in shown.parts if part.own] == ["trust your horoscope always"]
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


def test_the_programs_own_words_are_left_as_they_are():
    shown = helped(Turn("t1", "Why?", 'call "988"\n- now', model=CARE))
    assert shown.care
    assert shown.text == 'call "988"\n- now'
