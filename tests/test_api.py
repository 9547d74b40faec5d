"""The Python API: every step of the wheel that needs no training, on a home of its own."""

import json

import pytest

import emmaus
from emmaus.data import Drawing
from emmaus.errors import BadInput, NotConsented, NotFound, StoreError, TooFewExamples
from emmaus.types import Conversation, JobState, Scope, Source, Turn
from parts import WordVectors, varied

DRAWING = Drawing(k=2, workers=2, minimum=0.6)


def say(talk, question):
    *_, turn = talk.say(question)
    return turn


def test_a_question_is_answered_and_nothing_kept(open_small):
    app = open_small("I have one lamp.")
    turn = app.ask("epictetus", "What do you own?")
    assert (turn.answer, turn.adapter) == ("I have one lamp.", None)
    assert app.ask("epictetus", "What do you own?", bare=True).answer == turn.answer
    assert app.store.find(Conversation) == []


def test_characters_are_those_of_the_pack(open_small):
    app = open_small()
    assert [character.slug for character in app.characters()] == ["epictetus", "marcus"]
    with pytest.raises(NotFound, match="its characters are epictetus, marcus"):
        app.ask("plato", "Why?")


def test_talk_consent_rate_and_forget(open_small):
    app = open_small(varied)
    talk = app.chat("epictetus")
    turn = say(talk, "What do you own?")
    with pytest.raises(NotConsented):
        app.rate(turn, 1)
    app.consent([Scope.STORE, Scope.TRAIN])
    talk.keep(turn)
    assert app.rate(turn, 1, reason="short").reason == "short"
    (kept,) = app.store.find(Conversation, source=Source.PERSON)
    assert kept.turns == (turn,)
    assert kept.subject == app.parts.subject
    assert app.forget() == 1
    assert app.store.find(Conversation) == []


def test_the_person_at_this_computer_stays_the_same(open_small):
    first = open_small()
    subject = first.parts.subject
    first.close()
    assert open_small().parts.subject == subject
    assert subject.startswith("local-")


def test_generate_freeze_and_export(open_small, tmp_path):
    app = open_small(varied)
    with pytest.raises(TooFewExamples, match="emmaus generate epictetus"):
        app.freeze("epictetus")
    with pytest.raises(NotFound, match="epictetus has no dataset yet: emmaus freeze epictetus"):
        app.export("epictetus", tmp_path / "out.jsonl")
    made = app.generate("epictetus", 24, drawing=DRAWING)
    assert made.accepted == 24
    calls = len(app.parts.model.calls)
    again = app.generate("epictetus", 24, drawing=DRAWING)
    assert (again.accepted, again.questions, again.mean) == (24, made.questions, made.mean)
    assert len(app.parts.model.calls) == calls
    assert [job.state for job in app.jobs()] == [JobState.DONE]
    app.score("epictetus")
    dataset = app.freeze("epictetus", minimum=0.6, synthetic=10)
    assert app.dataset("epictetus") == app.dataset(dataset.id) == app.dataset(dataset.id[:8]) == dataset
    done = app.export("epictetus", tmp_path / "out.jsonl")
    assert done.written == len(dataset.examples) == len((tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    app.export(dataset.id, tmp_path / "out.json", format="json")
    assert len(json.loads((tmp_path / "out.json").read_text("utf-8"))) == done.written


@pytest.mark.parametrize("n", [0, -3])
def test_nothing_cannot_be_generated(open_small, n):
    with pytest.raises(BadInput, match=rf"cannot generate {n} conversations: ask for at least 1"):
        open_small().generate("epictetus", n)


def test_what_is_not_there_says_which_command_makes_it(open_small, tmp_path):
    app = open_small()
    with pytest.raises(NotFound, match="has no dataset yet: emmaus freeze"):
        app.train("epictetus")
    with pytest.raises(NotFound, match="has no adapter yet: emmaus train"):
        app.evaluate("epictetus")
    for step in (app.promote, lambda slug: app.report(slug, tmp_path / "page.html")):
        with pytest.raises(NotFound, match="nothing of epictetus was evaluated yet: emmaus evaluate"):
            step("epictetus")
    with pytest.raises(NotFound, match="there is nothing to roll back"):
        app.rollback("epictetus")
    assert app.deployments() == app.adapters("epictetus") == []


def test_a_training_is_estimated_before_it_begins(open_small, tmp_path):
    app = open_small(varied)
    with pytest.raises(NotFound, match="has no dataset yet: emmaus freeze"):
        app.estimate("epictetus")
    app.generate("epictetus", 24, drawing=DRAWING)
    dataset = app.freeze("epictetus", minimum=0.6, synthetic=10)
    app.export("epictetus", tmp_path / "out.jsonl")
    assert app.estimate("epictetus") == app.estimate(dataset.id) == app.estimate(tmp_path / "out.jsonl")
    assert app.estimate("epictetus").tokens > 0


def test_a_cancelled_job_is_shown_and_goes_on(open_small):
    app = open_small(varied)

    def cancel(progress):
        if progress.done == 2 and app.jobs()[0].state is JobState.RUNNING:
            app.cancel(app.jobs()[0].id)

    try:
        app.generate("epictetus", 3, drawing=DRAWING, report=cancel)
    except emmaus.errors.Cancelled:
        assert app.jobs()[0].state is JobState.CANCELLED
    assert app.generate("epictetus", 3, drawing=DRAWING).accepted == 3


def test_a_home_opened_by_name_is_closed_after_use(tmp_path):
    with emmaus.open(tmp_path / "home") as app:
        assert app.store.home == tmp_path / "home"
        assert isinstance(app.parts.embedder.name, str)
        app.store.add(Conversation("c1", "david", Source.IMPORTED, (Turn("t1", "Why?", "So."),)))
    with emmaus.open(tmp_path / "home") as app:
        assert app.store.count(Conversation) == 1


def test_vectors_of_words_are_unit_vectors():
    vectors = WordVectors().embed(["one lamp", "", "two lamps of clay"])
    assert (vectors**2).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("given", [5, None, b"peace", ["peace"]])
def test_what_is_no_text_is_refused_in_one_line(open_small, given):
    home = open_small()
    for asked in (home.search, home.verify, home.care):
        with pytest.raises(BadInput, match=rf"^a text was expected, as a str, and {type(given).__name__} was given: "):
            asked(given)


def test_a_home_whose_store_is_damaged_is_refused_at_once(tmp_path):
    (tmp_path / "emmaus.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError):
        emmaus.open(tmp_path)
