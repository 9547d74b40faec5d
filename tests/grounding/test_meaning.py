"""Verses are found by their meaning too, whatever the embedder, and by their words where it fails."""

import shutil
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from emmaus.errors import ModelError
from emmaus.grounding import Index
from emmaus.grounding.retrieval import VECTORS
from emmaus.models.embedding import MiniLM
from emmaus.packs import load_pack
from parts import STOICS, WordVectors


class Counting(WordVectors):
    """Counts texts, and gives vectors that end after `dimensions` numbers."""

    def __init__(self, dimensions=256, name="words"):
        self.dimensions = dimensions
        self.name = name
        self.asked = 0

    def embed(self, texts):
        self.asked += len(texts)
        return super().embed(texts)[:, : self.dimensions] + np.float32(1e-3)


def first(home, embedder, question="What hinders the will?"):
    pack = load_pack(STOICS)
    with Index.open(home, pack, embedder=embedder) as index:
        return index.search(question, 3), index.meaning.fault


def test_vectors_are_made_once_for_each_embedder(tmp_path):
    embedder = Counting()
    found, fault = first(tmp_path, embedder)
    made = embedder.asked
    assert found[0][0] == "Handbook 9:1"
    assert not fault
    assert first(tmp_path, embedder) == (found, "")
    assert embedder.asked == made + 1
    other = Counting(name="others")
    assert first(tmp_path, other)[0] == found
    assert other.asked == made


def test_another_length_of_vectors_has_an_index_of_its_own(tmp_path):
    first(tmp_path, Counting(256))
    shorter = Counting(128)
    found, fault = first(tmp_path, shorter)
    assert (found[0][0], fault) == ("Handbook 9:1", "")
    assert shorter.asked > 20
    assert len(list((tmp_path / "cache").glob("vectors-*.npz"))) == 2
    with Index.open(tmp_path, load_pack(STOICS), embedder=shorter) as index:
        before = index.search("What hinders the will?")
        shorter.dimensions = 256  # the server was given another model of the same name
        assert index.search("What hinders the will?")[0][0] == before[0][0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no archive" * 500])
def test_damaged_vectors_are_made_again(tmp_path, content):
    found, _ = first(tmp_path, Counting())
    (file,) = (tmp_path / "cache").glob("vectors-*.npz")
    whole = file.read_bytes()
    file.write_bytes(content)
    assert first(tmp_path, Counting()) == (found, "")
    assert file.read_bytes() == whole


class Failing(WordVectors):
    name = "failing"

    def embed(self, texts):
        raise ModelError("the embedding server does not answer: start it")


class Odd(WordVectors):
    name = "odd"

    def __init__(self, answer):
        self.answer = answer

    def embed(self, texts):
        return self.answer(super().embed(texts))


@pytest.mark.parametrize(
    "embedder",
    [
        Failing(),
        Odd(lambda rows: rows * np.nan),
        Odd(lambda rows: rows[:0]),
        Odd(lambda rows: rows[0]),
        Odd(lambda rows: rows[:, :0]),
    ],
)
def test_where_the_embedder_fails_words_answer(tmp_path, embedder):
    found, fault = first(tmp_path, embedder, "A burglar took my lamp")
    assert found[0][0] == "Lectures 1:2"
    assert "embed" in fault
    assert "\n" not in fault


class Forgetful(Counting):
    """Embeds a question and not a text of the pack."""

    def embed(self, texts):
        if len(texts) > 1:
            raise ModelError("the embedding server was lost: start it")
        return super().embed(texts)


def test_preparing_says_why_it_could_not(tmp_path):
    with Index.open(tmp_path, load_pack(STOICS), embedder=Forgetful()) as index:
        with pytest.raises(ModelError, match="was lost"):
            index.meaning.prepare()
        assert index.search("A burglar took my lamp")[0][0] == "Lectures 1:2"
        assert index.meaning.fault == "the embedding server was lost: start it"


class Clumsy(Counting):
    """Raises, for the first texts of a pack that it is given, what no embedder should raise."""

    failed = 0

    def embed(self, texts):
        if len(texts) > 1 and not self.failed:
            self.failed += 1
            raise RuntimeError("out of\nmemory")
        return super().embed(texts)


def test_a_making_that_died_of_anything_is_told_and_begun_again(tmp_path, caplog):
    embedder = Clumsy()
    with Index.open(tmp_path, load_pack(STOICS), embedder=embedder) as index:
        with pytest.raises(ModelError, match="vectors of words were not made: RuntimeError: out of memory"):
            index.meaning.prepare()
        assert "no vectors of words were made" in caplog.text
        assert index.meaning.made is None
        index.meaning.prepare()
        assert index.search("What hinders the will?")[0][0] == "Handbook 9:1"
        assert not index.meaning.fault


def test_a_watch_that_fails_is_told_and_asked_again(tmp_path, long_pack):
    seen = []

    def watch(done, total):
        seen.append(done)
        if len(seen) == 1:
            raise OSError("the terminal is gone")

    with Index.open(tmp_path / "home", long_pack, embedder=Counting(), watch=watch) as index:
        with pytest.raises(ModelError, match="OSError: the terminal is gone"):
            index.meaning.prepare()
        index.meaning.prepare()
    assert len(seen) > 2


@pytest.fixture
def long_pack(tmp_path):
    folder = Path(shutil.copytree(STOICS, tmp_path / "pack"))
    with (folder / "plain.txt").open("a", encoding="utf-8") as text:
        text.writelines(f"Sayings {number}:1\tSaying number {number} of the porter.\n" for number in range(1, 400))
    return load_pack(folder)


class Waiting(Counting):
    """Embeds a question at once, and many texts when it is allowed to."""

    def __init__(self):
        super().__init__()
        self.go = Event()

    def embed(self, texts):
        if len(texts) > 1:
            assert self.go.wait(30)
        return super().embed(texts)


def test_words_answer_while_vectors_of_many_verses_are_made(tmp_path, long_pack):
    embedder, told = Waiting(), []
    home = tmp_path / "home"
    with Index.open(home, long_pack, embedder=embedder, watch=lambda done, total: told.append((done, total))) as index:
        by_words = index.search("A burglar took my lamp")
        assert by_words[0][0] == "Lectures 1:2"
        embedder.go.set()
        index.meaning.prepare()
        by_both = index.search("A burglar took my lamp")
    assert by_both[0][0] == "Lectures 1:2"
    assert by_both[0][1] > by_words[0][1]
    assert told[-1][0] == told[-1][1] > 400
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_closing_ends_the_making_and_the_next_opening_begins_anew(tmp_path, long_pack):
    embedder = Waiting()
    with Index.open(tmp_path / "home", long_pack, embedder=embedder) as index:
        index.search("burglar")
        embedder.go.set()
    again = Counting()
    with Index.open(tmp_path / "home", long_pack, embedder=again) as index:
        index.meaning.prepare()
        assert index.search("What hinders the will?")[0][0] == "Handbook 9:1"


class CountedMiniLM(MiniLM):
    asked = 0

    def embed(self, texts):
        self.asked += len(texts)
        return super().embed(texts)


def test_the_vectors_that_ship_belong_to_the_texts_that_are_installed(bible, home):
    embedder = CountedMiniLM(threads=1)
    with Index.open(home, bible, embedder=embedder) as index:
        for question in ("Is there hope for the dying?", "I cheated on my wife"):
            assert index.search(question)
        assert index.meaning.prior().max() > 1
    assert embedder.asked == 2


def test_everything_is_found_under_another_translation_too(bible, home):
    with Index.open(home, bible, "KJV", embedder=MiniLM(threads=1)) as index:
        assert "Luke 17:36" in [verse for verse, _ in index.search("Two men shall be in the field; one left", 5)]


@pytest.mark.parametrize("harm", ["missing", "torn", "foreign"])
def test_where_shipped_vectors_are_harmed_others_are_made(tmp_path, harm):
    folder = Path(shutil.copytree(STOICS, tmp_path / "pack"))
    first(tmp_path / "elsewhere", Counting())
    (made,) = (tmp_path / "elsewhere" / "cache").glob("vectors-*.npz")
    (folder / VECTORS).parent.mkdir()
    shutil.copy(made, folder / VECTORS)
    embedder = Counting()

    def answer(home):
        with Index.open(home, load_pack(folder), embedder=embedder) as index:
            return [verse for verse, _ in index.search("What hinders the will?", 3)]

    expected = answer(tmp_path / "home")
    assert embedder.asked == 1
    assert not list((tmp_path / "home" / "cache").glob("vectors-*"))
    if harm == "missing":
        (folder / VECTORS).unlink()
    elif harm == "torn":
        (folder / VECTORS).write_bytes(made.read_bytes()[:2000])
    else:
        with (folder / "plain.txt").open("a", encoding="utf-8") as text:
            text.write("Sayings 1:1\tThe porter knows the door.\n")
    assert answer(tmp_path / "home") == expected
    assert embedder.asked > 20
