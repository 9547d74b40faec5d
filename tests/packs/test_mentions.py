"""References in running text, in all usual spellings, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.packs import load_pack
from emmaus.packs.mentions import find_references, number
from emmaus.packs.references import bible

BIBLE = bible()


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Ps 23:1", "Psalm 23:1"),
        ("1 Cor. 13:4-7", "1 Corinthians 13:4-7"),
        ("1 Corinthians 13.4", "1 Corinthians 13:4"),
        ("First Corinthians 13", "1 Corinthians 13"),
        ("I Cor 13", "1 Corinthians 13"),
        ("II Timothy 3:16", "2 Timothy 3:16"),
        ("Song of Solomon 2:1", "Song of Songs 2:1"),
        ("Canticles 2:1", "Song of Songs 2:1"),
        ("Jn 3,16", "John 3:16"),
        ("Gen. 1:1-2:3", "Genesis 1:1-2:3"),
        ("Isaiah 40:28\u201331", "Isaiah 40:28-31"),
        ("1Cor13:4", "1 Corinthians 13:4"),
        ("John 3:16-17, 36", "John 3:16-17; John 3:36"),
        ("Romans 8:28, 31-32; 12:1", "Romans 8:28; Romans 8:31-32; Romans 12:1"),
        ("Romans 8 verse 28", "Romans 8:28"),
        ("Rom. 8, v. 28", "Romans 8:28"),
        ("the third chapter of John", "John 3"),
        ("verse 16 of the third chapter of John", "John 3:16"),
        ("John chapter three verse sixteen", "John 3:16"),
        ("the twenty-third Psalm", "Psalm 23"),
        ("Psalm XXIII", "Psalm 23"),
        ("Psalm 23. Verse 4", "Psalm 23:4"),
        ("Psalm 23. In verses 4-6", "Psalm 23:4-6"),
        ("John iii. 16", "John 3:16"),
        ("John 3:16ff", "John 3:16"),
        ("Jude 3", "Jude 1:3"),
        ("Acts of the Apostles 2:38", "Acts 2:38"),
        ("first letter to the Corinthians 13:4", "1 Corinthians 13:4"),
    ],
)
def test_usual_spellings(text, spelling):
    (one,) = find_references(f"We read it in {text}, and were glad.")
    assert (one.spelling, bool(one.places)) == (spelling, True)
    assert one.text == f"We read it in {text}, and were glad."[one.start : one.end]


@pytest.mark.parametrize(
    "text",
    ["Mark 5 people", "Acts 2 scenes", "at 3:16 pm", "Job 1 was hard", "I met John 3 times", "Version 3:16 is out",
     "We saw 3 Judges 4 times", "Room 4:20", "Call Mark 3:15 pm", "The odds are 3:16", "John wrote 3 letters"],
)  # fmt: skip
def test_what_only_looks_like_one(text):
    assert find_references(text) == ()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("John 3:99", True),
        ("Psalm 151", True),
        ("Hezekiah 4:2", False),
        ("Tobit 4:15", False),
        ("3 Corinthians 4:2", False),
    ],
)
def test_places_that_do_not_exist(text, known):
    (one,) = find_references(f"({text})")
    assert (one.text, one.places, one.known_book) == (text, (), known)


def test_a_sentence_that_ends_in_an_ordinal_names_no_volume():
    (one,) = find_references("The bread was gone by the second. Psalm 116:4 tells us why.")
    assert one.spelling == "Psalm 116:4"


@pytest.mark.parametrize(
    "text", ["Discourses I 18:15", "Discourses II 8:11", "Discourses IV 1:1", "Handbook 5:1", "Meditations 2:1"]
)
def test_books_with_names_of_several_words(text):
    canon = load_pack("stoics").corpus().canon
    (one,) = find_references(f"See {text}, and rest.", canon)
    assert (one.text, one.spelling, len(one.places)) == (text, text, 1)


@given(st.data())
def test_what_is_written_is_found(data):
    book = BIBLE.books[data.draw(st.sampled_from(sorted(BIBLE.books)))]
    chapter = data.draw(st.sampled_from(sorted(book.chapters)))
    verse = data.draw(st.sampled_from(book.chapters[chapter]))
    name = data.draw(st.sampled_from([name for name in (book.name, *book.aliases) if len(name) > 2]))
    dot = data.draw(st.sampled_from(["", "."]))
    separator = data.draw(st.sampled_from([":", ".", " verse ", ", v. "]))
    (one,) = find_references(f"See ({name}{dot} {chapter}{separator}{verse}).")
    assert list(map(str, one.places)) == [f"{book.name} {chapter}:{verse}"]
    assert BIBLE.parse(one.spelling) == one.places[0]


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text):
    for one in find_references(text):
        assert text[one.start : one.end] == one.text


@given(st.integers(1, 150))
def test_numbers(value):
    tens = {
        20: "twenty",
        30: "thirty",
        40: "forty",
        50: "fifty",
        60: "sixty",
        70: "seventy",
        80: "eighty",
        90: "ninety",
    }
    assert number(str(value)) == value
    assert number(f"{value}th") == value
    for ten, word in tens.items():
        assert number(word) == ten
        assert number(f"{word}-three") == ten + 3
        assert number(f"one hundred and {word}") == 100 + ten


@pytest.mark.parametrize(
    ("reference", "osis"),
    [
        ("Psalm 23:1", "Ps.23.1"),
        ("1 Corinthians 13:4-7", "1Cor.13.4-1Cor.13.7"),
        ("Ruth 1", "Ruth.1"),
        ("Ruth", "Ruth"),
        ("Genesis 1:1-2:3", "Gen.1.1-Gen.2.3"),
    ],
)
def test_osis(reference, osis):
    assert BIBLE.osis(reference) == osis
