"""Background work: survives the death of its process, resumes where it was, and is never done twice."""

import signal
import subprocess
import sys
import time
from threading import Event

import pytest

from emmaus import jobs
from emmaus.errors import BadInput
from emmaus.jobs.background import FILE, Background
from emmaus.store import lock, open_store
from emmaus.types import Job, JobState, Rejection
from parts import until

TOTAL = 25

DO = """
import sys, time
from pathlib import Path
from emmaus.jobs import begin, run
from emmaus.jobs.background import Background
from emmaus.store import lock, open_store
from emmaus.types import Progress, Rejection

def perform(store, home):
    def perform(job, stop):
        def work(ticket):
            total = job.request["total"]
            for number in range(store.count(Rejection, job=job.id), total):
                stop.wait(job.request.get("pace", 0.02))
                assert store.count(Rejection, job=job.id) == number
                store.add(Rejection(f"{job.id}-{number}", job.id, "made", "", "", ""))
                ticket.report(Progress(number + 1, total))
        run(store, home, job, work, patient=True, stop=stop, every=0.0)
    return perform
"""
WORKER = (
    DO
    + """
home = Path(sys.argv[1])
with open_store(home) as store, Background(store, home, perform(store, home)):
    print("launched", flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
"""
)
space = {}
exec(DO, space)  # the same work here and in a process of its own
performing = space["perform"]


@pytest.fixture
def start(home):
    """Start processes that do this home's background work, each until its input ends."""
    started = []

    def begin():
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-c", WORKER, str(home)], stdin=pipe, stdout=pipe, text=True)
        started.append(process)
        assert process.stdout.readline() == "launched\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def queued(store, kind="generate", **request):
    return jobs.begin(store, kind, "david", {"total": TOTAL, **request}, state=JobState.QUEUED)


def made(store, job):
    return store.count(Rejection, job=job.id)


def state(store, job):
    return store.get(Job, job.id).state


def done(store, *several):
    return lambda: all(state(store, job) is JobState.DONE for job in several)


def test_nothing_is_imported_while_there_is_nothing_to_do(home):
    code = (
        DO
        + """
home = Path(sys.argv[1])
with open_store(home) as store, Background(store, home, perform(store, home)):
    time.sleep(1.2)
assert "dbos" not in sys.modules
"""
    )
    assert subprocess.run([sys.executable, "-c", code, str(home)]).returncode == 0
    assert not (home / FILE).exists()


def test_what_is_killed_goes_on_where_it_was(store, home, start):
    job = queued(store)
    first = start()
    until(lambda: made(store, job) >= 5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert jobs.state_of(home, store.get(Job, job.id)) == "interrupted"
    left = made(store, job)
    assert left < TOTAL
    start()
    until(done(store, job))
    assert made(store, job) == TOTAL
    assert store.get(Job, job.id).done == TOTAL


def test_ctrl_c_lays_work_down_and_the_next_start_takes_it_up(store, start):
    job, behind = queued(store), queued(store, seed=1)
    first = start()
    until(lambda: made(store, job) >= 5)
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0
    assert [state(store, one) for one in (job, behind)] == [JobState.QUEUED, JobState.QUEUED]
    assert 5 <= store.get(Job, job.id).done == made(store, job) < TOTAL
    assert made(store, behind) == 0
    start()
    until(done(store, job, behind))
    assert made(store, job) == made(store, behind) == TOTAL


def test_of_two_processes_one_works_and_the_other_takes_over(store, start):
    several = [queued(store, seed=seed) for seed in range(2)]
    first, second = start(), start()
    until(lambda: made(store, several[0]) >= 3)
    holder = int((store.home / "locks" / "background").read_text())
    assert holder in (first.pid, second.pid)
    (first if holder == first.pid else second).kill()
    until(done(store, *several))
    assert [made(store, job) for job in several] == [TOTAL, TOTAL]


@pytest.fixture
def background(store, home):
    with Background(store, home, performing(store, home), light=["download"]) as launched:
        yield launched


def test_heavy_work_is_done_in_its_turn_and_light_work_beside_it(store, background):
    first, second = (queued(store, seed=seed, total=25) for seed in range(2))
    light = queued(store, "download", total=3)
    until(done(store, light))
    assert state(store, second) is JobState.QUEUED
    until(done(store, first, second))
    assert background.enqueue(first).state is JobState.DONE
    assert made(store, first) == 25


def test_a_job_is_paused_resumed_cancelled_and_resumed(store, background):
    job = queued(store)
    for stop, stopped, note in (
        (background.pause, JobState.PAUSED, "paused on request"),
        (background.cancel, JobState.CANCELLED, "cancelled on request"),
    ):
        until(lambda: state(store, job) is JobState.RUNNING and store.get(Job, job.id).done > 0)
        assert stop(job.id).state is stopped
        until(lambda note=note: store.get(Job, job.id).note == note)
        assert store.get(Job, job.id).done == made(store, job) < TOTAL
        assert background.resume(job.id).state is JobState.QUEUED
    until(done(store, job))
    assert made(store, job) == TOTAL


def test_what_is_paused_or_cancelled_before_its_turn_never_begins(store, background):
    first, paused, cancelled = (queued(store, seed=seed, total=20) for seed in range(3))
    until(lambda: made(store, first) >= 1)
    background.pause(paused.id)
    background.cancel(cancelled.id)
    until(done(store, first))
    time.sleep(1.2)
    assert [state(store, job) for job in (paused, cancelled)] == [JobState.PAUSED, JobState.CANCELLED]
    assert made(store, paused) == made(store, cancelled) == 0
    background.resume(paused.id)
    until(done(store, paused))


def test_resumed_before_it_had_noticed_it_goes_on(store, background):
    job = queued(store, pace=0.1)
    until(lambda: made(store, job) >= 2)
    background.pause(job.id)
    background.resume(job.id)
    until(lambda: made(store, job) >= 6)
    background.cancel(job.id)


def test_a_job_that_somebody_else_is_at_is_waited_for(store, home, background):
    job = queued(store, total=3)
    with lock(home, f"job-{job.id}"):
        time.sleep(2)
        assert (state(store, job), made(store, job)) == (JobState.QUEUED, 0)
    until(done(store, job))
    assert made(store, job) == 3


def test_a_failing_job_says_why_and_can_be_resumed(store, home):
    mended = Event()
    job = queued(store, total=3)

    def perform(job, stop):
        if not mended.is_set():
            raise BadInput("the file is empty: give another")
        performing(store, home)(job, stop)

    with Background(store, home, perform) as background:
        until(lambda: state(store, job) is JobState.FAILED)
        assert store.get(Job, job.id).note == "the file is empty: give another"
        mended.set()
        background.resume(job.id)
        until(done(store, job))


def test_one_process_does_the_work_of_one_home_at_a_time(store, home, background, tmp_path):
    mine = queued(store, total=1)
    until(done(store, mine))
    with open_store(tmp_path / "other") as others:
        theirs = queued(others, total=1)
        with Background(others, tmp_path / "other", performing(others, tmp_path / "other")) as other:
            until(lambda: other.fault is not None)
            assert "another home" in str(other.fault)
            background.close()
            until(done(others, theirs))
