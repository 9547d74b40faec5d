"""Kinds of work: planned now, done later, by what was asked then."""

import time
from pathlib import Path

import pytest

from emmaus import jobs
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.data import Drawing
from emmaus.errors import BadInput, NotFound
from emmaus.models.scripted import ScriptedModel
from emmaus.training import Recipe
from emmaus.types import Adapter, Conversation, Dataset, Job, JobState, Scope, Score, Source, Turn
from hub import serving_files, write_gguf
from parts import STOICS, WordVectors, go_live, good, until, varied

DRAWING = Drawing(k=1, minimum=0.6)


class Slow(WordVectors):
    """The same, on a machine that is busy."""

    pause = 0.2

    def embed(self, texts):
        time.sleep(self.pause)
        return super().embed(texts)


def ended(app, job):
    """Wait for a job to end, and return it."""
    until(lambda: app.store.get(Job, job.id).state not in (JobState.QUEUED, JobState.RUNNING))
    return app.store.get(Job, job.id)


def test_what_is_not_known_is_refused_before_a_job_begins(open_small):
    app = open_small()
    with pytest.raises(BadInput, match="no work of the kind 'bake': there is generate, score, freeze, train, eval"):
        app.start("bake", "epictetus")
    with pytest.raises(BadInput, match="generate takes no 'colour': it takes n, seed, drawing, bare, minutes"):
        app.start("generate", "epictetus", colour=1)
    with pytest.raises(BadInput, match="ask for at least 1"):
        app.start("generate", "epictetus", n=0)
    with pytest.raises(NotFound, match="has no dataset yet: emmaus freeze"):
        app.start("train", "epictetus")
    with pytest.raises(NotFound, match="has no adapter yet: emmaus train"):
        app.start("evaluate", "epictetus")
    assert app.jobs() == []


def test_what_is_queued_is_what_the_method_of_that_name_does(open_small):
    app = open_small(varied)
    job = app.start("generate", "epictetus", n=3, drawing=DRAWING)
    assert (job.state, app.start("generate", "epictetus", n=3, drawing=DRAWING)) == (JobState.QUEUED, job)
    app.background()
    done = ended(app, job)
    assert (done.state, done.done, done.note != "") == (JobState.DONE, 3, True)
    asked = len(app.parts.model.calls)
    assert app.generate("epictetus", 3, drawing=DRAWING).accepted == 3
    assert len(app.parts.model.calls) == asked
    assert app.start("generate", "epictetus", n=3, drawing=DRAWING) == done
    assert app.store.count(Conversation, job=job.id) == 3


def imported(app, count):
    """Conversations of a file that may be learned from."""
    for number in range(count):
        turn = Turn(f"t-{number}", f"What do I do with thought {number}?", good(37 * number))
        app.store.add(Conversation(f"c-{number}", "epictetus", Source.IMPORTED, (turn,)))


def test_a_scoring_is_paused_and_goes_on_and_the_next_one_is_another(open_small):
    app = open_small()
    imported(app, 300)
    app.parts.embedder = Slow()
    job = app.start("score", "epictetus")
    app.background()
    until(lambda: app.store.count(Score) > 0)
    app.pause(job.id)
    until(lambda: app.store.get(Job, job.id).note == "paused on request")
    assert 0 < app.store.count(Score) < 300
    assert app.start("score", "epictetus").id == job.id
    done = ended(app, job)
    assert (done.state, done.done, done.total) == (JobState.DONE, done.total, done.total)
    assert app.store.count(Score) >= 300
    again = app.start("score", "epictetus")
    assert again.id != job.id
    assert ended(app, again).note.startswith("0 scored, ")


def test_a_freezing_is_cancelled_before_anything_is_kept_and_fails_in_words(open_small):
    app = open_small()
    app.parts.embedder = slow = Slow()
    slow.pause = 0.0
    app.background()
    few = ended(app, app.start("freeze", "epictetus", minimum=1.0))
    assert few.state is JobState.FAILED
    assert "training needs at least 20: generate more with: emmaus generate epictetus" in few.note
    imported(app, 40)
    app.score("epictetus")
    slow.pause = 0.2
    job = app.start("freeze", "epictetus", minimum=0.0)
    until(lambda: app.store.get(Job, job.id).done > 0)
    app.cancel(job.id)
    until(lambda: app.store.get(Job, job.id).note == "cancelled on request")
    assert app.store.count(Dataset) == 0
    slow.pause = 0.0
    done = ended(app, app.start("freeze", "epictetus", minimum=0.0))
    assert (done.id, done.state) == (job.id, JobState.DONE)
    assert done.note == f"dataset {app.dataset('epictetus').id}: {len(app.dataset('epictetus').parents)} conversations"
    with pytest.raises(BadInput, match="give 0 or more"):
        app.start("freeze", "epictetus", synthetic=-1.0)


def test_a_download_survives_the_end_of_its_process_and_goes_on_by_range(open_small, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", size=64 * 1024).read_bytes()
    with serving_files(content, pause=0.05) as hub:
        app = open_small()
        job = app.start("download", "", spec=f"{hub.url}/tiny.gguf")
        app.background()
        until(lambda: app.store.get(Job, job.id).done > 0)
        app.close()
        hub.pause = 0.0
        app = open_small()
        assert app.models.downloads()[0].state == "waiting"
        app.background()
        assert ended(app, job).state is JobState.DONE
        assert hub.asked[0] is None
        assert hub.asked[-1].startswith("bytes=")
        file = app.parts.path / "models" / "tiny.gguf"
        assert file.read_bytes() == content
        assert app.start("download", "", spec=f"{hub.url}/tiny.gguf").state is JobState.DONE
        file.unlink()
        assert ended(app, app.start("download", "", spec=f"{hub.url}/tiny.gguf")).state is JobState.DONE
        assert file.exists()


def test_closing_lays_work_down_and_the_next_home_ends_it(open_small):
    app = open_small(varied, delay=0.05)
    job = app.start("generate", "epictetus", n=12, drawing=DRAWING)
    app.background()
    until(lambda: app.store.count(Conversation, job=job.id) >= 2)
    app.close()
    app = open_small(varied)
    left = app.store.get(Job, job.id)
    assert (left.state, left.done < 12) == (JobState.QUEUED, True)
    app.background()
    assert ended(app, job).state is JobState.DONE
    assert app.store.count(Conversation, job=job.id) == 12


def test_another_model_than_was_asked_does_not_answer(open_small):
    open_small(varied).start("generate", "epictetus", n=3, drawing=DRAWING)
    app = open_small(varied, name="other")
    (job,) = app.jobs()
    app.background()
    failed = ended(app, job)
    assert failed.state is JobState.FAILED
    assert failed.note.startswith("this was asked of the model scripted, and other answers here: set the model as it")


def test_what_may_no_longer_be_learned_is_not_learned(open_small):
    app = open_small(varied)
    talk = app.chat("epictetus")
    app.consent([Scope.STORE, Scope.TRAIN])
    turn = next(piece for piece in talk.deliver("What do you own?") if isinstance(piece, Turn))
    talk.keep(turn)
    app.rate(turn, 1)
    app.generate("epictetus", 24, drawing=DRAWING)
    dataset = app.freeze("epictetus", minimum=0.6, synthetic=100)
    assert any(parent == talk.kept.id for parent in dataset.parents)
    job = app.start("train", "epictetus", dataset=dataset.id, recipe=Recipe(epochs=1))
    assert job.request["recipe"]["epochs"] == 1
    app.consent([Scope.STORE])
    app.background()
    failed = ended(app, job)
    assert failed.state is JobState.FAILED
    assert f"train anew with emmaus train {dataset.id}" in failed.note
    assert app.store.find(Adapter) == []


def test_a_dataset_of_another_character_is_refused(open_small):
    app = open_small(varied)
    go_live(app, "marcus")
    with pytest.raises(BadInput, match="d-marcus belongs to marcus, not to epictetus"):
        app.start("train", "epictetus", dataset="d-marcus")
    go_live(app, "epictetus")
    with pytest.raises(BadInput, match="marcus-1 belongs to marcus, not to epictetus"):
        app.start("evaluate", "epictetus", adapter="marcus-1")


def test_an_evaluation_whose_rival_changed_is_not_made(tmp_path):
    settings = Settings(home=tmp_path / "home", pack=STOICS)
    with Emmaus(settings, model=ScriptedModel(varied), embedder=WordVectors()) as app:
        go_live(app, "epictetus")
        live = app.store.get(Adapter, "epictetus-1")
        files = (live.folder, live.gguf, live.files, {})
        app.store.add(Adapter("epictetus-2", "epictetus", 2, "base", {}, live.dataset, live.dataset_hash, *files))
        job = app.start("evaluate", "epictetus", limit=2)
        assert (job.request["candidate"], job.request["incumbent"]) == ("epictetus-2", "epictetus-1")
        app.rollback("epictetus")
        app.background()
        failed = ended(app, job)
    assert failed.state is JobState.FAILED
    assert "compare anew with emmaus evaluate epictetus" in failed.note


def test_a_kind_of_a_later_version_is_said(open_small):
    app = open_small()
    job = jobs.begin(app.store, "dance", "epictetus", {}, state=JobState.QUEUED)
    app.background()
    assert ended(app, job).note == "this version of Emmaus cannot do work of the kind 'dance': update it"


def test_downloads_of_one_name_are_two_and_both_are_told(open_small, tmp_path):
    one, two = (write_gguf(tmp_path / f"{size}.gguf", size=size).read_bytes() for size in (64, 128))
    with serving_files(one) as first, serving_files(two) as second:
        app = open_small()
        app.background()
        asked = [app.start("download", "", spec=f"{hub.url}/tiny.gguf") for hub in (first, second)]
        assert [ended(app, job).state for job in asked] == [JobState.DONE, JobState.DONE]
    told = {fetched.url: fetched.file for fetched in app.models.downloads()}
    assert [Path(told[f"{hub.url}/tiny.gguf"]).read_bytes() for hub in (first, second)] == [one, two]
    assert len(app.models.files()) == 2


def test_a_download_whose_server_is_silent_is_paused_and_laid_down(open_small, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", size=64 * 1024).read_bytes()
    with serving_files(content, pause=60) as hub:
        app = open_small()
        app.background()
        job = app.start("download", "", spec=f"{hub.url}/tiny.gguf")
        until(lambda: jobs.running(app.parts.path, job) and hub.asked)
        app.pause(job.id)
        until(lambda: app.store.get(Job, job.id).note == "paused on request", 10)
        app.resume(job.id)
        until(lambda: len(hub.asked) == 2)
        begun = time.monotonic()
        app.close()
        assert time.monotonic() - begun < 10
    app = open_small()
    assert app.store.get(Job, job.id).state is JobState.QUEUED
