"""Heavy work in a process of its own: it goes last, dies with its parent, and takes nobody with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emmaus import jobs
from emmaus.api import Emmaus
from emmaus.data import Drawing
from emmaus.store import open_store
from emmaus.types import Conversation, Job, JobState
from parts import STOICS, until

DRAWING = Drawing(k=1, minimum=0.5)
LONG = 60
"""Seconds that a child may need to start on a busy machine, where it goes last."""


@pytest.fixture
def app(settings):
    with Emmaus(settings) as opened:
        yield opened


def child_of(home, job):
    """The process that does a job: it wrote its number into the lock."""
    return int((home / "locks" / f"job-{job.id}").read_text())


def stands(store, job):
    return store.get(Job, job.id).state


@pytest.fixture
def at_work(app, server):
    """A job that a child is at, and the child."""
    server.pace = 0.1
    job = app.start("generate", "epictetus", n=40, drawing=DRAWING)
    app.background()
    until(lambda: app.store.count(Conversation, job=job.id) >= 1, LONG)
    return job, child_of(app.parts.path, job)


def test_a_child_goes_last_and_one_that_is_killed_is_said_and_resumed(app, server, at_work):
    job, child = at_work
    assert child != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, child) == 19
    assert os.getsid(child) == child
    group = Path(f"/proc/{child}/autogroup")
    if group.exists():
        assert group.read_text().split()[-1] == "19"
    os.kill(child, signal.SIGKILL)
    until(lambda: stands(app.store, job) is JobState.FAILED)
    said = f"the process that did this was killed, perhaps for its memory: go on with emmaus resume {job.id[:8]}"
    assert app.store.get(Job, job.id).note == said
    server.pace = 0.0
    assert app.resume(job.id).state is JobState.QUEUED
    until(lambda: stands(app.store, job) is JobState.DONE, LONG)
    assert app.store.count(Conversation, job=job.id) == 40
    until(lambda: not any((app.parts.path / "logs").iterdir()))


def test_a_child_whose_log_was_deleted_is_recorded_as_it_ended(app, at_work):
    job, child = at_work
    for log in (app.parts.path / "logs").iterdir():
        log.unlink()
    os.kill(child, signal.SIGTERM)
    until(lambda: stands(app.store, job) is JobState.FAILED)
    said = f"the process that did this ended with -15 (without a word): go on with emmaus resume {job.id[:8]}"
    assert app.store.get(Job, job.id).note == said


def test_paused_it_ends_and_its_process_with_it(app, at_work):
    job, child = at_work
    assert app.pause(job.id).state is JobState.PAUSED
    until(lambda: not jobs.running(app.parts.path, job))
    until(lambda: not Path(f"/proc/{child}").exists())
    kept = app.store.get(Job, job.id)
    assert (kept.state, kept.note) == (JobState.PAUSED, "paused on request")
    assert kept.done <= app.store.count(Conversation, job=job.id) < 40


def command(settings, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMMAUS_")}
    named = {"HOME": settings.home, "PACK": STOICS, "MODEL_URL": settings.model_url, "THREADS": 1}
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "emmaus"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {f"EMMAUS_{name}": str(value) for name, value in named.items()},
    )


def test_a_worker_that_is_killed_takes_its_child_along_and_the_next_goes_on(settings, server):
    server.pace = 0.1
    asked = command(settings, "generate", "epictetus", "-n", "12", "-k", "1", "--minimum", "0.5", "--background")
    said, error = asked.communicate(timeout=LONG)
    assert (asked.returncode, error) == (0, "")
    with open_store(settings.home) as store:
        (job,) = store.find(Job)
        assert said == f"{job.id[:8]} generate of epictetus: queued at 0 of 12\n"
        first = command(settings, "worker")
        until(lambda: store.count(Conversation, job=job.id) >= 1, LONG)
        first.kill()
        first.communicate()
        until(lambda: not jobs.running(settings.home, job))
        left = store.count(Conversation, job=job.id)
        assert left < 12
        assert stands(store, job) in (JobState.QUEUED, JobState.RUNNING)
        server.pace = 0.0
        second = command(settings, "worker", "--until-done")
        _, told = second.communicate(timeout=2 * LONG)
        assert second.returncode == 0
        assert f"{job.id[:8]} generate of epictetus: done at 12 of 12" in told
        made = store.find(Conversation, job=job.id)
        assert len(made) == len({conversation.turns[0].question for conversation in made}) == 12


def test_ctrl_c_ends_a_worker_and_its_work_waits(settings, server):
    server.pace = 0.1
    with Emmaus(settings) as app:
        job = app.start("generate", "epictetus", n=40, drawing=DRAWING)
    with open_store(settings.home) as store:
        running = command(settings, "worker")
        until(lambda: store.count(Conversation, job=job.id) >= 1, LONG)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=LONG)
        assert running.returncode == 130
        assert "what was under way is laid down, and goes on with the next worker: emmaus worker" in told
        assert stands(store, job) is JobState.QUEUED
        assert not jobs.running(settings.home, job)


def test_the_web_room_does_what_is_queued_unless_it_is_told_not_to(settings, server):
    with Emmaus(settings) as app:
        job = app.start("generate", "epictetus", n=1, drawing=DRAWING)
    with open_store(settings.home) as store:
        for options, does in ((["--no-jobs"], False), ([], True)):
            room = command(settings, "up", "--no-browser", "--port", "0", *options)
            assert room.stdout.readline().startswith("Emmaus is at ")
            if does:
                until(lambda: stands(store, job) is JobState.DONE, LONG)
            else:
                time.sleep(5)
            room.send_signal(signal.SIGINT)
            room.communicate(timeout=LONG)
            assert (stands(store, job) is JobState.DONE) == does
