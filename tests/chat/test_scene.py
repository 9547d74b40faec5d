"""What goes with a question, and what does where the model of its meaning is away."""

import re

import pytest

from emmaus.chat import Scene
from emmaus.grounding.past import Past
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from emmaus.grounding.timeline import denies, places
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


def test_an_answer_that_declined_something_declines_what_is_asked_now(shipped):
    scene = shipped.parts.scene("david")
    for question, beyond in (("Would you like pizza?", "pizza"), ("Have you met Napoleon?", "Napoleon")):
        recalled = scene.prompt(question).recalled
        assert beyond.lower() in f"{recalled.question} {recalled.answer}".lower() or not scene.unknown(
            recalled.question
        )
        assert all(term.lower() == beyond.lower() for term in scene.unknown(recalled.question))
        terms = {recalled.answer[start:end] for start, end in places(recalled.answer, scene.character, scene.pack)}
        assert {term.lower() for term in terms} <= {beyond.lower()}


@pytest.mark.parametrize("slug", ["david", "paul", "ruth"])
@pytest.mark.parametrize("question", ["Are you an AI?", "Am I talking to a machine?", "are you human"])
def test_who_asks_who_answers_is_told(shipped, slug, question):
    said = shipped.parts.scene(slug).prompt(question).recalled.answer
    assert re.search(r"\b(?:AI|machine|program)\b", said)


def test_i_do_not_know_is_recalled_to_its_own_question_only(shipped):
    scene = shipped.parts.scene("david")
    own = "Why did your kingdom split in two?"
    for question in ("Do you know Saul?", "Who is Samuel to you?", "Do you know the city of Gath?", "Who was Michal?"):
        recalled = scene.prompt(question).recalled
        assert recalled is None or not denies(recalled.answer)
    assert denies(scene.prompt(own).recalled.answer)
