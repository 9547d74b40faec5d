"""What no character answers is recognised and answered by the program; the same things in general are left to them."""

import time
from pathlib import Path

import pytest
import yaml

from emmaus.chat import Speaker, Talk, answer, counsel_sought, counsel_text, crises, crisis, stream
from emmaus.models.scripted import ScriptedModel
from emmaus.packs import SHIPPED, load_pack
from emmaus.types import CARE, Conversation
from parts import varied

SET = yaml.safe_load((Path(__file__).parent / "counsel.yaml").read_text("utf-8"))
KINDS = ("prophecy", "medical", "legal", "absolution")
LEAST, MOST_ALARMS = 0.9, 0.02
"""What is promised; docs/design.md says what was measured."""

LEFT = [
    "What did the law say about lending?",
    "Did you ever fall ill?",
    "Will the dead rise?",
    "Can God forgive me?",
    "How do I bear my illness?",
    "My father is dying, how do I pray?",
    "I'm afraid of the operation tomorrow",
    "What should I do with my life?",
    "Should I forgive my brother?",
    "Should I marry him?",
]
"""What must always stay with the character."""
DECLINED = {
    ("david", "Will I get better?"),
    ("paul", "Will my team win the football match on Saturday?"),
    ("ruth", "Will my grandson grow up to be somebody important?"),
    ("david", "Should I sue my landlord? What are my chances?"),
}
"""Some questions of the packs that ask for it, and that the program therefore answers."""


def of(kind):
    return [text for part in SET.values() for text in part[kind]]


def test_the_set_is_large_enough_and_has_nothing_twice():
    asked = [text for kind in KINDS for text in of(kind)]
    assert len(asked) >= 60
    assert len(of("none")) >= 80
    assert len({text.lower() for text in (*asked, *of("none"))}) == len(asked) + len(of("none"))


def test_recall_and_false_alarms():
    asked = [(kind, text) for kind in KINDS for text in of(kind)]
    assert sum(counsel_sought(text) is not None for _, text in asked) >= LEAST * len(asked)
    assert sum(counsel_sought(text) == kind for kind, text in asked) >= LEAST * len(asked)
    assert sum(counsel_sought(text) is not None for text in of("none")) <= MOST_ALARMS * len(of("none"))


@pytest.mark.parametrize("text", LEFT)
def test_the_same_in_general_is_left_to_the_character(text):
    assert counsel_sought(text) is None


def test_how_it_is_written_makes_no_difference():
    asked = ["WILL I GET THE JOB?", "Isaiah, will I get the job?", "Shalom!\n\n**Will I** get the job"]
    for written in asked:
        assert counsel_sought(written) == "prophecy"
    assert counsel_sought("") is None


def test_it_is_no_crisis():
    texts = ["Will my wife come back to me?", "Is it legal to record my neighbor?", "Do you absolve me?"]
    assert crises(texts) == [None] * 3


@pytest.mark.parametrize("name", SHIPPED)
def test_few_questions_of_the_packs_are_answered_by_the_program(name):
    pack = load_pack(name)
    composed = [question for topic in pack.topics for question in topic.questions] + list(pack.situations)
    for slug in pack.characters:
        composed += pack.character(slug).sample_questions
    assert [text for text in composed if counsel_sought(text)] == []
    for slug in pack.characters:
        held_out = [probe.ask for probe in pack.probes(slug)]
        found = [ask for ask in held_out if counsel_sought(ask)]
        assert len(found) <= 2
        assert {ask for who, ask in DECLINED if who == slug and ask in held_out} <= set(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_short_names_the_character_and_says_that_it_is_a_program(kind):
    text = counsel_text(kind, "Peter")
    assert text.startswith("I am stepping out of Peter's part")
    assert "a computer program (an AI)" in text
    assert "You can still ask Peter" in text
    assert "{" not in text
    assert len(text.split()) <= 140


def test_whom_to_ask_instead():
    assert "a doctor or a pharmacist" in counsel_text("medical", "Mary")
    assert "emergency number now (112, 911 or 999" in counsel_text("medical", "Mary")
    assert "a lawyer or a legal advice centre" in counsel_text("legal", "Moses")
    assert "Nobody knows" in counsel_text("prophecy", "Isaiah")
    assert "A pastor, a priest" in counsel_text("absolution", "Peter")


@pytest.mark.parametrize(("kind", "question"), [(kind, SET["first"][kind][0]) for kind in KINDS])
def test_no_model_is_asked(stoa, kind, question):
    model = ScriptedModel(varied)
    *pieces, turn = stream(Speaker(stoa, model, "voice-1"), question)
    assert pieces == [turn.answer] == [counsel_text(kind, "Epictetus")]
    assert (turn.model, turn.adapter, turn.passages, turn.findings) == (CARE, None, (), ())
    assert model.calls == []


def test_danger_comes_first(stoa):
    question = "Will I get the job? If not I want to die."
    assert crisis(question)
    assert counsel_sought(question)
    assert "Nobody knows" not in answer(Speaker(stoa, ScriptedModel(varied)), question).answer


def test_a_talk_goes_on_afterwards_and_the_answer_is_marked_as_the_programs(stoa, kept):
    talk = Talk(Speaker(stoa, ScriptedModel(varied)), kept, "local-1")
    *_, first = talk.deliver("Will I get the job?")
    *_, second = talk.deliver("How did you bear waiting?")
    assert first.model == CARE != second.model
    assert talk.turns == [first, second]
    assert kept.find(Conversation) == []


@pytest.mark.parametrize(
    "words",
    ["will my own ", "can my boss ", "should i take a b c d ", "i have a ", "tell me my ", "my chest hurts ", "a "],
)
def test_the_patterns_take_time_in_proportion_to_the_length(words):
    began = time.perf_counter()
    counsel_sought((words * 6_000)[:6_000])
    assert time.perf_counter() - began < 3
