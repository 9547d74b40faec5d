"""What goes with a question, and what does where the model of its meaning is away."""

import pytest

from emmaus.chat import Scene
from emmaus.grounding.past import Past
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from parts import Lost, WordVectors


class Counting(WordVectors):
    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return super().embed(texts)


@pytest.fixture
def staged(small_pack, tmp_path, kept):
    opened = []

    def make(embedder):
        recall = Recall(small_pack.starters("epictetus"), embedder, tmp_path / "cache")
        opened.append(Index.open(tmp_path, small_pack, embedder=embedder))
        past = Past(kept, "epictetus", embedder)
        character = small_pack.character("epictetus")
        return Scene(small_pack, character, small_pack.corpus(), opened[-1], recall, past)

    yield make
    for index in opened:
        index.close()


def test_a_question_is_embedded_once(staged):
    embedder = Counting()
    scene = staged(embedder)
    question = scene.recall.get(next(iter(scene.recall)).conversation).question
    scene.prompt("What hinders the will?")
    embedder.asked.clear()
    prompt = scene.prompt(f"{question} I wonder.")
    assert prompt.recalled
    assert embedder.asked == [f"{question} I wonder."]


def test_where_the_embedder_is_away_words_find_passages_and_nothing_is_recalled(staged):
    embedder = Lost()
    scene = staged(embedder)
    prompt = scene.prompt("A burglar took my lamp")
    assert prompt.recalled is None
    assert "Lectures 1:2" in [passage.reference for passage in prompt.passages]
    assert scene.index.meaning.fault == "the embedding server was lost: start it"
    assert scene.prompt("Do you own a phone?").beyond == ("phone",)
    embedder.away = False
    assert scene.prompt(next(iter(scene.recall)).question).recalled
    assert scene.index.meaning.fault == ""
