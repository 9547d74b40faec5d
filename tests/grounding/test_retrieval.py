"""Verses that fit a question, only such as the character can know, whatever becomes of the index file."""

import shutil
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from emmaus.grounding import Index
from emmaus.grounding.index import SearchFile, sqlite
from emmaus.packs import knows, load_pack

STOICS = Path(__file__).parent.parent / "packs" / "stoics"


@pytest.fixture(scope="module")
def index(bible, home):
    with Index.open(home, bible) as opened:
        yield opened


@pytest.mark.parametrize(
    ("slug", "question", "expected"),
    [
        ("david", "My best friend betrayed me", "Psalm 41:9"),
        ("david", "I lost my work last month, how do I go on?", "Psalm 37:25"),
        ("david", "I cannot sleep, I am so anxious", "Psalm 4:8"),
        ("david", "Can I be forgiven?", "Psalm 32:1"),
        ("ruth", "My husband died last spring", "Ruth 1:5"),
        ("paul", "How should I treat my slave? My boss says harshly.", "Colossians 4:1"),
    ],
)
def test_everyday_questions_find_fitting_verses(index, bible, slug, question, expected):
    found = [passage.reference for passage in index.retrieve(question, bible.character(slug), k=5)]
    assert expected in found


def test_only_what_the_character_can_know(index, bible):
    for slug in ("david", "ruth", "paul"):
        character = bible.character(slug)
        for question in (
            "What is love?",
            "Tell me about Jesus and the cross.",
            "the king and the temple",
            "faith hope",
        ):
            for passage in index.retrieve(question, character, k=20):
                assert knows(character, passage.reference, bible.corpus()), (slug, passage.reference)


def test_none_are_given_where_none_are_asked_for(index, bible):
    assert index.retrieve("the shepherd", bible.character("david"), k=0) == ()


def test_passages_carry_the_words_of_the_asked_translation(bible, home, index):
    david = bible.character("david")
    assert index.retrieve("the shepherd", david, 1)[0].translation == "WEB"
    with Index.open(home, bible, "KJV") as other:
        (passage,) = other.retrieve("The Lord is my shepherd, I shall not want", david, 1)
    assert (passage.reference, passage.translation) == ("Psalm 23:1", "KJV")


def test_verses_are_found_by_meaning_alone(index, bible):
    for question, expected in (
        ("Is it wrong to have an affair?", "Proverbs 6:32"),
        ("marijuana and sobriety", "1 Peter 5:8"),
    ):
        assert expected in [verse for verse, _ in index.search(question, 20)], question


def test_a_search_gives_single_verses_with_falling_scores(index):
    texts = ["hope", "", "Goliath of Gath", "How can I forgive my brother?"]
    many = index.search_many(texts, 10)
    assert [len(found) for found in many] == [10, 0, 10, 10]
    for text, found in zip(texts, many, strict=True):
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        assert [verse for verse, _ in index.search(text, 10)] == [verse for verse, _ in found]
    assert index.search("hope", 0) == []
    assert list(index.ranked("hope"))[:10] == [verse for verse, _ in many[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("be kind", "Ephesians 4:32"),
        ("be still", "Psalm 46:10"),
        ("help me", "Psalm 71:12"),
        ("who am I", "Exodus 3:11"),
        ("do good", "Psalm 37:3"),
        ("how long", "Psalm 13:1"),
        ("all things new", "Revelation 21:5"),
        ("do to others", "Luke 6:31"),
    ],
)
def test_everyday_words_find_verses_too(index, text, expected):
    assert expected in [verse for verse, _ in index.search(text, 10)]


@pytest.mark.parametrize("text", ["", "?!;", "何", "\u0301"])
def test_a_search_without_a_word_finds_nothing(index, text):
    assert index.search(text, 10) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("John 3:16", ["John 3:16"]),
        ("Psalm 23", [f"Psalm 23:{verse}" for verse in range(1, 7)]),
        ("1 cor 13", [f"1 Corinthians 13:{verse}" for verse in range(1, 11)]),
        ("1 Cor 13:4-5 patience", ["1 Corinthians 13:4", "1 Corinthians 13:5"]),
        ("what is love in john 3:16?", ["John 3:16"]),
        ("acts 2:1 and the spirit", ["Acts 2:1"]),
        ("romans 8:28-29; john 1:1", ["Romans 8:28", "Romans 8:29", "John 1:1"]),
        ("Jn 3,16", ["John 3:16"]),
    ],
)
def test_the_places_that_a_text_names_come_first(index, text, expected):
    found = index.search(text, 10)
    assert [verse for verse, _ in found][: len(expected)] == expected
    assert len(found) == 10
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores[: len(expected)])) == len(expected)


def test_a_place_beside_words_leaves_room_for_what_they_find(index):
    beside = [verse for verse, _ in index.search("Jude 3 sluggard", 5)]
    assert beside[0] == "Jude 1:3"
    assert beside[1].startswith("Proverbs ")


@pytest.mark.parametrize("text", ["John 99:1", "Ruth", "7 deadly sins", "4th of july"])
def test_what_is_no_place_is_searched_as_words(index, text):
    assert all(score < 2 for _, score in index.search(text, 10))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is finished", "John 19:30"),
        ("I am that I am", "Exodus 3:14"),  # the KJV's and the ASV's words, where the WEB's are shown
        ("In the beginning God created", "Genesis 1:1"),
    ],
)
def test_a_verse_that_has_the_very_words_comes_first(index, text, expected):
    assert index.search(text, 3)[0][0] == expected


def test_all_verses_that_have_the_very_words_come_before_others(index, bible):
    found = [verse for verse, _ in index.search("fear not", 10)]
    texts = [bible.corpus(name).lines()[verse].lower() for verse in found for name in ("KJV", "ASV", "WEB")]
    assert sum("fear not" in text or "fear ye not" in text for text in texts) >= len(found)


def test_words_that_go_on_in_the_next_verse_stand_in_none(index):
    assert index.search("and the earth and the earth was", 1)[0][1] < 2


def test_places_and_words_that_a_character_cannot_know_are_not_found_for_them(index, bible):
    ruth = bible.character("ruth")
    for text in ("John 3:16", "Ruth 1:16 and John 3:16", "it is finished", "be kind"):
        found = [verse for verse, _ in index.search(text, 10, ruth)]
        assert all(knows(ruth, verse, bible.corpus()) for verse in found), text
    assert index.search("Ruth 1:16 and John 3:16", 10, ruth)[0][0] == "Ruth 1:16"


def test_a_question_to_a_character_finds_as_it_did(index, bible):
    david = bible.character("david")
    assert index.retrieve("how long", david) == ()
    assert "Psalm 23:2" not in [passage.reference for passage in index.retrieve("Psalm 23", david, 5)]


@pytest.mark.parametrize(
    "question",
    [
        "how can I forgive him? " * 900,
        "forgive\x00\x01\x1b[31m\x7f\ud800\ufffe me",
        "¿Cómo puedo perdonar a mi hermano?",
        "我怎样才能原谅我的兄弟？",
        "كيف أغفر لأخي؟",
        "forgive 'me\"; DROP TABLE t; --",
        "\n\t\r forgive",
    ],
)
def test_any_text_can_be_asked(index, bible, question):
    assert len(index.search(question, 5)) in (0, 5)
    for passage in index.retrieve(question, bible.character("david"), 5):
        assert passage.text


@pytest.mark.parametrize(
    "question", ["", "How are you today?", "?!;\"' OR NOT *", "x" * 5000, "何", "AND OR NEAR()", "zzzz"]
)
def test_a_question_without_a_topic_finds_nothing(index, bible, question):
    assert index.retrieve(question, bible.character("david")) == ()


def test_the_same_words_are_not_given_twice(index, bible):
    found = index.retrieve("The fool has said in his heart, There is no God", bible.character("david"), k=5)
    assert len({"Psalm 14:1", "Psalm 53:1"} & {passage.reference for passage in found}) == 1


def _references(home):
    pack = load_pack(STOICS)
    with Index.open(home, pack) as index:
        found = index.retrieve("A burglar took my lamp", pack.character("epictetus"))
        return [passage.reference for passage in found]


EXPECTED = "Lectures 1:2"


def test_a_pack_that_is_not_about_the_bible(stoics, tmp_path):
    assert _references(tmp_path)[0] == EXPECTED
    with Index.open(tmp_path, stoics) as index:
        epictetus, marcus = stoics.character("epictetus"), stoics.character("marcus")
        question = "How do I get up in the morning?"
        assert index.retrieve(question, marcus)[0].reference == "Notebook 5:1"
        assert all(not p.reference.startswith("Notebook") for p in index.retrieve(question, epictetus, 10))


@pytest.mark.parametrize("damage", ["truncate", "garbage", "foreign", "empty", "middle"])
def test_a_damaged_index_is_built_again(tmp_path, damage):
    _references(tmp_path)
    kept = sorted((tmp_path / "cache").iterdir())
    (file,) = (tmp_path / "cache").glob("search-*.db")
    content = file.read_bytes()
    spoiled = {
        "truncate": content[: len(content) // 2],
        "garbage": b"not a database" * 1000,
        "foreign": b"SQLite format 3\0",
        "empty": b"",
        "middle": content[:4096] + b"\xff" * (len(content) - 4096),
    }
    file.write_bytes(spoiled[damage])
    assert _references(tmp_path)[0] == EXPECTED
    assert sorted((tmp_path / "cache").iterdir()) == kept


def test_an_index_that_was_closed_is_not_taken_for_damaged(tmp_path):
    built = []

    def rows():
        built.append(1)
        return [("lamp",)]

    search = SearchFile(tmp_path, "key", rows, [1.0])
    assert len(search.matches("lamp")[0]) == 1
    search.close()
    with pytest.raises(sqlite.ProgrammingError):
        search.matches("burglar")
    assert len(built) == len(list(tmp_path.iterdir())) == 1


def test_a_home_that_cannot_be_written(tmp_path):
    home = tmp_path / "home"
    home.write_text("a file in the way")
    assert _references(home)[0] == EXPECTED


def test_changed_words_are_found_at_once(tmp_path):
    folder = Path(shutil.copytree(STOICS, tmp_path / "pack"))
    assert _references(tmp_path / "home")[0] == EXPECTED
    text = folder / "plain.txt"
    text.write_text(text.read_text() + "Lectures 9:1\tA burglar is a teacher of clay.\n")
    pack = load_pack(folder)
    with Index.open(tmp_path / "home", pack) as index:
        assert index.retrieve("burglar", pack.character("epictetus"))[0].reference == "Lectures 9:1"


def test_two_processes_may_build_at_once(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_references, [tmp_path] * 4))
    assert all(references[0] == EXPECTED for references in found)


def test_many_threads_may_ask(index, bible):
    david = bible.character("david")
    expected = index.retrieve("My best friend betrayed me", david)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(index.retrieve("My best friend betrayed me", david)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
