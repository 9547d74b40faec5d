"""What a model is sent: one form for all, and a beginning that stays the same."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emmaus.chat import Exchange, Prompt, Speaker, answer, prompt_hash, render, render_whole
from emmaus.grounding.recall import Recall, Recalled
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Conversation, Passage, Source
from parts import varied


class Alike:
    """An embedder to which everything is the same."""

    name = "alike"

    def embed(self, texts):
        return np.ones((len(texts), 1), dtype=np.float32)


QUESTIONS = ["How do I sleep before a trial?", "And if the governor laughs?", "What did your lamp cost?", "Why?"]


def test_what_was_sent_is_the_beginning_of_what_is_sent_next(stoa):
    model = ScriptedModel(varied)
    turns = []
    for question in QUESTIONS:
        turns.append(answer(Speaker(stoa, model), question, turns))
    sent = [call.messages for call in model.calls]
    assert len(sent) == len(QUESTIONS)
    for number, (before, after) in enumerate(pairwise(sent)):
        assert after[: len(before)] == before
        assert after[len(before)].role == "assistant"
        assert after[len(before)].content == turns[number].answer


def test_the_same_conversation_is_learned_as_it_was_held(stoa):
    model = ScriptedModel(varied)
    turns = []
    for question in QUESTIONS:
        turns.append(answer(Speaker(stoa, model), question, turns))
    held = Conversation("held", "epictetus", Source.PERSON, tuple(turns))
    learned = render_whole(stoa.character, stoa.staged(held))
    assert learned[:-1] == model.calls[-1].messages
    assert learned[-1].content == turns[-1].answer


def test_the_card_comes_first_and_the_question_last(stoa):
    passages = (Passage("Handbook 1:1", "Some things are up to us and some are not.", "Plain"),)
    recalled = Recalled("What is up to me?", "Your judgement is.", (), "c1")
    system, asked = render(stoa.character, (), Prompt("  What is free? ", passages, recalled))
    assert (system.role, asked.role) == ("system", "user")
    assert system.content.startswith(stoa.character.card.strip()[:40])
    assert asked.content.endswith("\n\nWhat is free?")
    places = [asked.content.index(part) for part in ("[Handbook 1:1] Some", "What is up to me?", "Your judgement is.")]
    assert places == sorted(places)


def test_a_finished_conversation_ends_with_its_answer(stoa):
    exchanges = [Exchange(Prompt("Why?"), "Because."), Exchange(Prompt("Why so?"), "So.")]
    messages = render_whole(stoa.character, exchanges)
    assert [m.role for m in messages] == ["system", "user", "assistant", "user", "assistant"]
    assert messages[:-1] == render(stoa.character, exchanges[:1], Prompt("Why so?"))


@pytest.mark.parametrize(
    "path",
    [
        "chat/care.py",
        "chat/care.yaml",
        "chat/render.py",
        "chat/scene.py",
        "chat/signs.onnx",
        "grounding/asked.py",
        "grounding/bounds.py",
        "grounding/english.py",
        "grounding/index.py",
        "grounding/meaning.py",
        "grounding/names.py",
        "grounding/recall.py",
        "grounding/retrieval.py",
        "grounding/stopwords.txt",
        "grounding/timeline.py",
        "grounding/vectors.py",
        "models/embedding.py",
        "packs/canon/bible.tsv",
        "packs/knowledge.py",
    ],
)
def test_the_hash_names_all_that_decides_which_words_a_model_sees(rewritten, path):
    before = prompt_hash()
    assert prompt_hash() == before
    rewritten(path)
    assert prompt_hash() != before


def test_an_answer_names_the_prompt_that_it_was_given_to(stoa, rewritten):
    before = answer(Speaker(stoa, ScriptedModel(varied)), "Why?").prompt
    assert before == prompt_hash()
    rewritten("cli/app.py")
    assert prompt_hash() == before, "this decides nothing of a prompt"


@pytest.mark.parametrize("recalling", [False, True])
def test_a_hand_written_conversation_has_what_it_points_at_and_recalls_only_others(stoa, tmp_path, recalling):
    written = stoa.pack.starters("epictetus")
    near = replace(stoa, recall=Recall(written, Alike(), tmp_path))
    for conversation in written:
        staged = near.staged(conversation, recalling=recalling)
        recalled = [exchange.prompt.recalled for exchange in staged]
        assert all((past is not None) == recalling for past in recalled)
        assert not recalling or conversation.id not in {past.conversation for past in recalled}
        for turn, exchange in zip(conversation.turns, staged, strict=True):
            assert set(turn.passages) <= {passage.reference for passage in exchange.prompt.passages}
    assert any(turn.passages for conversation in written for turn in conversation.turns)


def test_in_another_wording_a_hand_written_conversation_recalls_itself(stoa):
    conversation = stoa.pack.starters("epictetus")[1]
    plain = stoa.staged(conversation)
    other = stoa.staged(conversation, wording="All that our father left went to my brother.")
    assert [exchange.prompt.recalled for exchange in plain] == [None, None]
    assert [exchange.answer for exchange in other] == [exchange.answer for exchange in plain]
    assert other[1:] == plain[1:]
    asked = other[0].prompt
    assert asked.question == "All that our father left went to my brother."
    first = conversation.turns[0]
    assert (asked.recalled.question, asked.recalled.answer) == (first.question, first.answer)
    assert set(first.passages) <= {passage.reference for passage in asked.passages}


def test_no_past_answer_is_recalled_twice_in_a_talk(stoa):
    written = stoa.pack.starters("epictetus")
    question = written[2].turns[0].question
    held = [answer(Speaker(stoa, ScriptedModel("Buy clay.")), question)]
    assert held[0].recalled == written[2].id
    (before,), asked = stoa.exchanges(held), stoa.prompt(question, held)
    assert before.prompt.recalled.conversation == written[2].id
    assert asked.recalled is None or asked.recalled.conversation != written[2].id
    assert set(written[2].turns[0].passages) <= {passage.reference for passage in stoa.prompt(question).passages}
