"""References: usual spellings, places that do not exist, and the invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.errors import BadInput
from emmaus.packs.references import bible, of_verses

BIBLE = bible()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Ps 23:1", "Psalm 23:1"),
        ("psalm 23", "Psalm 23"),
        ("Psalms", "Psalm"),
        ("1 Cor. 13:4-7", "1 Corinthians 13:4-7"),
        ("1Cor 13:4", "1 Corinthians 13:4"),
        ("I Cor 13", "1 Corinthians 13"),
        ("First Corinthians 13", "1 Corinthians 13"),
        ("2nd Samuel 7:18–29", "2 Samuel 7:18-29"),
        ("2 Sam 7:18-29", "2 Samuel 7:18-29"),
        ("Song of Solomon 2:1", "Song of Songs 2:1"),
        ("Song of Songs", "Song of Songs"),
        ("Jude 3", "Jude 1:3"),
        ("Jude 3-5", "Jude 1:3-5"),
        ("Jude 1", "Jude 1"),
        ("Jude", "Jude"),
        ("Gen 1-3", "Genesis 1-3"),
        ("Gen. 1:3-2:4", "Genesis 1:3-2:4"),
        ("Ps. 23.1", "Psalm 23:1"),
        ("Psalm 23, verse 1", "Psalm 23:1"),
        ("Genesis chapter 3", "Genesis 3"),
        ("[Ruth 1:16]", "Ruth 1:16"),
        ("Isa 40 to 41", "Isaiah 40-41"),
        ("John 3:16b", "John 3:16"),
        ("Gene 1:1", "Genesis 1:1"),
    ],
)
def test_usual_spellings(written, canonical):
    assert str(BIBLE.parse(written)) == canonical


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("Psalm 151", "has chapters 1 to 150"),
        ("Ps 23:7", "has verses 1 to 6"),
        ("Ps 23:0", "has verses 1 to 6"),
        ("Hezekiah 3:1", "did you mean"),
        ("4 Kings 1", "no reference"),
        ("Ruth 1:5-3", "ends before it begins"),
        ("Ruth 5-2", "Ruth has chapters 1 to 4"),
        ("John 3:16:17", "is not chapter and verse"),
        ("Jo 1:1", "does not exist"),
        ("23:1", "no reference"),
        ("", "no reference"),
    ],
)
def test_places_that_do_not_exist(written, says):
    with pytest.raises(BadInput, match=says):
        BIBLE.parse(written)


@st.composite
def references(draw):
    """Any reference that exists, in canonical spelling."""
    book = BIBLE.books[draw(st.sampled_from(sorted(BIBLE.books)))]
    chapter = draw(st.sampled_from(sorted(book.chapters)))
    last = draw(st.sampled_from([c for c in book.chapters if c >= chapter]))
    verse = draw(st.sampled_from(book.chapters[chapter]))
    closing = draw(st.sampled_from([v for v in book.chapters[last] if last > chapter or v >= verse]))
    forms = [book.name, f"{book.name} {chapter}:{verse}", f"{book.name} {chapter}:{verse}-{last}:{closing}"]
    if len(book.chapters) > 1:
        forms += [f"{book.name} {chapter}", f"{book.name} {chapter}-{last}"]
    return draw(st.sampled_from(forms))


@given(references())
def test_canonical_spelling_parses_to_an_equal_reference(written):
    reference = BIBLE.parse(written)
    assert BIBLE.parse(str(reference)) == reference


@given(references())
def test_a_reference_is_its_verses_in_order(written):
    reference = BIBLE.parse(written)
    verses = list(BIBLE.expand(written))
    book = list(BIBLE.expand(reference.book))
    first = book.index(verses[0])
    assert verses == book[first : first + len(verses)]
    assert (BIBLE.parse(verses[0]).start, BIBLE.parse(verses[-1]).end) == (reference.start, reference.end)


@given(st.text(max_size=30))
def test_any_text_is_a_reference_or_bad_input(text):
    try:
        reference = BIBLE.parse(text)
    except BadInput:
        return
    assert list(BIBLE.expand(reference))


def test_the_bible_has_its_verses():
    assert len(BIBLE.books) == 66
    assert sum(len(list(BIBLE.expand(book))) for book in BIBLE.books) == 31_102


def test_books_of_a_text_come_from_its_verses():
    canon = of_verses(["Handbook 1:1", "Handbook 1:3", "Handbook 5:1", "Notes 2:1"])
    assert str(canon.parse("handbook 1")) == "Handbook 1"
    assert list(canon.expand("Handbook")) == ["Handbook 1:1", "Handbook 1:3", "Handbook 5:1"]
    with pytest.raises(BadInput, match="has verses 1 to 3"):
        canon.parse("Handbook 1:4")
