"""Past good answers to questions like this one."""

from pathlib import Path

import numpy as np
import pytest

from emmaus import packs
from emmaus.errors import ModelError
from emmaus.grounding.asked import ask
from emmaus.grounding.recall import FLOOR, SHIPPED, Recall, Recalled
from emmaus.models.embedding import MiniLM
from emmaus.packs import load_pack
from emmaus.types import Conversation, Source, Turn
from parts import Lost, Replaced, WordVectors

PAIRS = [
    ("What do I do when fear comes at night?", "I light the lamp."),
    ("What do I do when fear comes by day?", "I go on sweeping."),
    ("Who taught you?", "Musonius did."),
]


class Counting(WordVectors):
    def __init__(self):
        self.asked = 0

    def embed(self, texts):
        self.asked += len(texts)
        return super().embed(texts)


def conversations(pairs=PAIRS):
    return [
        Conversation(f"c{n}", "epictetus", Source.AUTHORED, (Turn(f"t{n}", *pair, (f"Handbook {n + 1}:1",)),))
        for n, pair in enumerate(pairs)
    ]


def recalled(n):
    return Recalled(*PAIRS[n], (f"Handbook {n + 1}:1",), f"c{n}")


@pytest.fixture
def recall(tmp_path):
    return Recall(conversations(), WordVectors(), tmp_path / "cache")


def test_the_likest_question_is_recalled(recall):
    assert recall.nearest("When fear comes at night, what do I do?") == recalled(0)
    assert recall.nearest("And who taught you?") == recalled(2)


def test_a_question_is_known_by_its_other_wordings(tmp_path):
    wordings = {"c2": ["Your teacher in Rome, who was he?", "And who was your teacher in Rome?"]}
    recall = Recall(conversations(), WordVectors(), tmp_path, wordings=wordings)
    assert recall.nearest("Who was your teacher in Rome?") == recalled(2)
    assert Recall(conversations(), WordVectors(), tmp_path).nearest("Who was your teacher in Rome?") is None


def test_conversations_that_do_not_count_are_not_recalled(recall):
    assert recall.nearest(PAIRS[0][0], without=["c0"]) == recalled(1)
    assert recall.nearest(PAIRS[2][0], without=["c2"]) is None
    assert recall.nearest(PAIRS[0][0], without=["unknown"]) == recalled(0)
    assert recall.nearest(PAIRS[0][0]) == recalled(0)


def test_nothing_is_recalled_below_the_floor(recall):
    vectors = WordVectors()
    for question in ("Is bread dear in Rome?", "Which saying should be first?"):
        nearest = max(float(a @ vectors.embed([question])[0]) for a in vectors.embed([q for q, _ in PAIRS]))
        assert (recall.nearest(question) is None) == (nearest < FLOOR)
    assert recall.nearest("Bread?") is None


def test_without_conversations_nothing_is_recalled_or_embedded(tmp_path):
    embedder = Counting()
    assert Recall([], embedder, tmp_path).nearest("Who taught you?") is None
    assert embedder.asked == 0


def test_what_is_prepared_is_ready_for_others(tmp_path):
    embedder = Counting()
    recall, other = (Recall(conversations(), embedder, tmp_path) for _ in range(2))
    assert len(recall) == len(PAIRS)
    assert not recall.is_ready
    recall.prepare()
    assert recall.is_ready
    assert other.is_ready
    assert embedder.asked == 2 * len(PAIRS) + 1
    assert Recall([], embedder, tmp_path).is_ready


def test_vectors_may_ship_and_nothing_is_embedded_then_but_the_question(tmp_path, recall):
    recall.save(tmp_path / "shipped.npz")
    embedder = Counting()
    other = Recall(conversations(), embedder, tmp_path / "none", shipped=tmp_path / "shipped.npz")
    assert other.is_ready
    assert other.nearest("Who taught you?") == recalled(2)
    assert embedder.asked == 1
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("pairs", "harm"),
    [
        ([*PAIRS[:2], ("Who taught you?", "Musonius Rufus did.")], lambda body: body),
        (PAIRS, lambda body: body[:-40]),
        (PAIRS, lambda body: b""),
    ],
    ids=["of other words", "torn", "empty"],
)
def test_shipped_vectors_that_do_not_fit_are_made_anew(tmp_path, recall, pairs, harm):
    file = tmp_path / "shipped.npz"
    recall.save(file)
    file.write_bytes(harm(file.read_bytes()))
    other = Recall(conversations(pairs), WordVectors(), tmp_path / "new", shipped=file)
    assert not other.is_ready
    assert other.nearest("Who taught you?").conversation == "c2"
    assert len(list((tmp_path / "new").iterdir())) == 1


@pytest.mark.parametrize("name", ["bible", "stoics"])
def test_the_vectors_that_ship_are_of_the_words_that_ship(tmp_path, name):
    pack = load_pack(Path(packs.__file__).parent / name)
    old = [slug for slug in pack.characters if not Recall.of(slug, pack, MiniLM(), tmp_path).is_ready]
    assert old == [], f"python tools/recall_vectors.py {pack.folder}"
    assert {file.stem for file in (pack.folder / SHIPPED).iterdir()} == set(pack.characters)


def test_the_vectors_that_ship_are_those_that_are_made(tmp_path):
    pack = load_pack("stoics")
    Recall.of("marcus", pack, MiniLM(), tmp_path).save(tmp_path / "shipped.npz")
    Recall(pack.starters("marcus"), MiniLM(), tmp_path, wordings=pack.wordings("marcus")).save(tmp_path / "made.npz")
    shipped, made = (np.load(tmp_path / f"{name}.npz")["rows"].astype(float) for name in ("shipped", "made"))
    likeness = (shipped * made).sum(axis=1) / np.linalg.norm(shipped, axis=1) / np.linalg.norm(made, axis=1)
    assert likeness.min() > 0.99


def test_vectors_are_kept_and_read_again(tmp_path):
    for asked in (2 * len(PAIRS) + 1, 1):
        embedder = Counting()
        assert Recall(conversations(), embedder, tmp_path).nearest("Who taught you?") == recalled(2)
        assert embedder.asked == asked
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"not an array at all"),
        lambda file: file.write_bytes(file.read_bytes()[:-40]),
        lambda file: np.save(file, np.ones((1, 256), dtype=np.float32)),
        lambda file: np.save(file, np.ones(3, dtype=np.float32)),
        lambda file: np.save(file, np.full((3, 256), np.nan, dtype=np.float32)),
        lambda file: file.write_bytes(b"PK\x03\x04 torn"),
    ],
    ids=["empty", "foreign", "torn", "too few", "flat", "no numbers", "torn archive"],
)
def test_a_damaged_cache_is_built_again(tmp_path, harm):
    Recall(conversations(), WordVectors(), tmp_path).nearest("Who taught you?")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    harm(file)
    assert Recall(conversations(), WordVectors(), tmp_path).nearest("Who taught you?") == recalled(2)
    assert file.read_bytes() == whole


def test_other_questions_have_a_cache_of_their_own(tmp_path):
    Recall(conversations(), WordVectors(), tmp_path).nearest("Who?")
    Recall(conversations(PAIRS[:2]), WordVectors(), tmp_path).nearest("Who?")
    assert len(list(tmp_path.iterdir())) == 2


def test_vectors_of_another_length_are_made_anew(tmp_path):
    for embedder in (WordVectors(), Replaced(shorter=True), WordVectors()):
        assert Recall(conversations(), embedder, tmp_path).nearest("Who taught you?") == recalled(2)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_model_may_be_replaced_while_all_is_open(tmp_path):
    embedder = Replaced()
    recall = Recall(conversations(), embedder, tmp_path)
    for shorter in (False, True, False):
        embedder.shorter = shorter
        assert recall.nearest("Who taught you?") == recalled(2)


def test_where_the_embedder_failed_nothing_is_recalled(tmp_path):
    asked = ask("Who taught you?", Lost())
    assert asked.vector is None
    with pytest.raises(ModelError, match="was lost"):
        Recall(conversations(), WordVectors(), tmp_path).nearest(asked)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    assert Recall(conversations(), WordVectors(), tmp_path / "cache").nearest("Who taught you?") == recalled(2)
