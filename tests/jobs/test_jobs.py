"""Jobs: recorded, watched, cancelled from outside, and resumed after any end."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from threading import Event

import pytest

from emmaus.errors import BadInput, Cancelled, HomeBusy, Interrupted, NotFound
from emmaus.jobs import begin, cancel, pause, run, running, state_of
from emmaus.store import Store, open_store
from emmaus.store.opening import FILE, connect
from emmaus.types import Job, JobState, Progress, Rejection

REQUEST = {"count": 5, "seed": 0}


def work_until(total, *, stop=None):
    """Work that makes one record an item, goes on where it was left, and meets with `stop` half-way."""

    def work(ticket, store):
        for number in range(store.count(Rejection, job=ticket.job.id), total):
            if stop is not None and number == total // 2:
                raise stop
            store.add(Rejection(f"{ticket.job.id}-{number}", ticket.job.id, "made", "", "", ""))
            ticket.report(Progress(number + 1, total, f"item {number + 1}", {"seconds left": total - number - 1.0}))

    return work


def do(store, home, job, total=5, stop=None, **more):
    return run(store, home, job, lambda ticket: work_until(total, stop=stop)(ticket, store), every=0.0, **more)


def test_a_job_is_done_once(store, home):
    job = begin(store, "generate", "david", REQUEST, clock=lambda: 7.0)
    assert (job.state, job.done, job.created_at) == (JobState.RUNNING, 0, 7.0)
    done = do(store, home, job)
    assert (done.state, done.done, done.total, done.note) == (JobState.DONE, 5, 5, "item 5")
    assert done.values == {"seconds left": 0.0}
    assert store.get(Job, job.id) == done
    again = begin(store, "generate", "david", dict(reversed(REQUEST.items())))
    assert again == done
    assert run(store, home, again, lambda ticket: pytest.fail("done already")) == done
    assert store.count(Rejection) == 5


def test_another_request_is_another_job(store):
    jobs = [
        begin(store, "generate", "david", REQUEST),
        begin(store, "generate", "ruth", REQUEST),
        begin(store, "train", "david", REQUEST),
        begin(store, "generate", "david", REQUEST | {"seed": 1}),
    ]
    assert len({job.id for job in jobs}) == 4
    assert store.find(Job) == jobs


@pytest.mark.parametrize(
    ("stop", "raised", "state", "note"),
    [
        (KeyboardInterrupt(), Cancelled, JobState.CANCELLED, "interrupted"),
        (Cancelled("enough"), Cancelled, JobState.CANCELLED, "cancelled on request"),
        (BadInput("the file is empty: give another"), BadInput, JobState.FAILED, "the file is empty: give another"),
        (ZeroDivisionError("by zero"), ZeroDivisionError, JobState.FAILED, "ZeroDivisionError: by zero"),
    ],
)
def test_whatever_ends_a_job_is_recorded_and_beginning_it_again_resumes_it(store, home, stop, raised, state, note):
    job = begin(store, "generate", "david", REQUEST)
    with pytest.raises(raised):
        do(store, home, job, stop=stop)
    ended = store.get(Job, job.id)
    assert (ended.state, ended.note, ended.done) == (state, note, 2)
    assert not running(home, job)
    resumed = begin(store, "generate", "david", REQUEST)
    assert (resumed.id, resumed.state, resumed.done, resumed.note) == (job.id, state, 2, note)
    assert do(store, home, resumed).state is JobState.DONE
    assert store.count(Rejection) == 5


def test_a_cancelled_job_stops_at_its_next_report(store, home):
    job = begin(store, "generate", "david", REQUEST)

    def work(ticket):
        ticket.report(Progress(1, 5))
        assert cancel(store, job.id[:8]).state is JobState.CANCELLED
        ticket.report(Progress(2, 5))
        pytest.fail("it went on")

    with pytest.raises(Cancelled, match="generate for david was stopped at 2 of 5: run it again"):
        run(store, home, job, work, every=0.0)
    assert store.get(Job, job.id).state is JobState.CANCELLED


def test_a_job_cancelled_before_its_turn_does_not_start(store, home):
    job = begin(store, "generate", "david", REQUEST)
    cancel(store, job.id)
    with pytest.raises(Cancelled):
        run(store, home, job, lambda ticket: pytest.fail("it started"))
    assert do(store, home, store.get(Job, job.id)).state is JobState.DONE


def test_what_is_done_cannot_be_cancelled(store, home):
    job = do(store, home, begin(store, "generate", "david", REQUEST))
    assert cancel(store, job.id) == job
    with pytest.raises(NotFound):
        cancel(store, "nowhere")


def test_progress_is_written_no_more_often_than_asked(store, home):
    now = [0.0]
    seen = []

    def work(ticket):
        for number in range(1, 10):
            now[0] = number * 0.2
            ticket.report(Progress(number, 10))
            seen.append(store.get(Job, ticket.job.id).done)

    done = run(store, home, begin(store, "generate", "david", REQUEST), work, every=0.5, clock=lambda: now[0])
    assert seen == [1, 1, 1, 4, 4, 4, 7, 7, 7]
    assert done.done == 9


def test_a_job_runs_once_at_a_time_and_so_does_what_it_must_have_alone(store, home):
    job, other = begin(store, "train", "david", {}), begin(store, "train", "ruth", {})

    def work(ticket):
        assert running(home, job)
        with pytest.raises(HomeBusy):
            do(store, home, job)
        with pytest.raises(HomeBusy, match="train"):
            do(store, home, other, alone="train")
        assert not running(home, other)
        assert do(store, home, other).state is JobState.DONE

    assert run(store, home, job, work, alone="train").state is JobState.DONE


WORKER = """
import sys, time
from pathlib import Path
from emmaus.jobs import begin, run
from emmaus.store import open_store
from emmaus.types import Progress, Rejection
home = Path(sys.argv[1])
with open_store(home) as store:
    def work(ticket):
        for number in range(store.count(Rejection, job=ticket.job.id), 10_000):
            store.add(Rejection(f"r{number}", ticket.job.id, "made", "", "", ""))
            ticket.report(Progress(number + 1, 10_000))
            time.sleep(0.005)
    run(store, home, begin(store, "generate", "david", {"count": 5, "seed": 0}), work, every=0.0)
"""


@pytest.fixture
def worker(store, home):
    """A process at work on the job, with some of it done."""
    with subprocess.Popen([sys.executable, "-c", WORKER, str(home)], stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not any(job.done >= 5 for job in store.find(Job)):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        yield process
        process.kill()


def test_a_killed_job_is_running_without_anybody_at_work_and_resumes(store, home, worker):
    job = begin(store, "generate", "david", REQUEST)
    assert (running(home, job), state_of(home, job)) == (True, "running")
    with pytest.raises(HomeBusy, match=f"process {worker.pid}"):
        do(store, home, job)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    left = begin(store, "generate", "david", REQUEST)
    assert (left.id, left.state, running(home, left)) == (job.id, JobState.RUNNING, False)
    assert state_of(home, left) == "interrupted"
    made = store.count(Rejection, job=job.id)
    assert made >= left.done >= 5
    done = do(store, home, left, total=made + 3)
    assert (done.state, done.done, state_of(home, done)) == (JobState.DONE, made + 3, "done")
    assert store.count(Rejection, job=job.id) == made + 3


def test_another_process_cancels(store, home, worker):
    job = cancel(store, store.find(Job)[0].id)
    assert job.state is JobState.CANCELLED
    assert worker.wait(30) == 1
    assert "Cancelled: generate for david was stopped" in worker.stderr.read()
    ended = store.get(Job, job.id)
    assert (ended.state, ended.note) == (JobState.CANCELLED, "cancelled on request")
    assert ended.done == store.count(Rejection, job=job.id)


def test_ctrl_c_is_recorded(store, home, worker):
    worker.send_signal(signal.SIGINT)
    assert worker.wait(30) == 1
    ended = store.find(Job)[0]
    assert (ended.state, ended.note) == (JobState.CANCELLED, "interrupted")
    assert not running(home, ended)


def test_beginning_again_does_not_undo_a_cancellation_that_is_under_way(store, home):
    job = begin(store, "generate", "david", REQUEST)

    def work(ticket):
        cancel(store, job.id)
        assert begin(store, "generate", "david", REQUEST).state is JobState.CANCELLED
        ticket.report(Progress(1, 3))

    with pytest.raises(Cancelled):
        run(store, home, job, work, every=0.0)
    assert store.get(Job, job.id).state is JobState.CANCELLED


def test_what_fails_after_it_was_paused_stays_paused(store, home):
    job = begin(store, "download", "", REQUEST)

    def work(ticket):
        pause(store, job.id)
        raise BadInput("the server was silent: try again")

    with pytest.raises(BadInput):
        run(store, home, job, work)
    assert store.get(Job, job.id).state is JobState.PAUSED


def test_work_that_has_nothing_to_report_hears_that_it_is_not_wanted(store, home):
    def work(ticket):
        ticket.require_wanted()
        cancel(store, ticket.job.id)
        ticket.require_wanted()
        pytest.fail("it went on")

    with pytest.raises(Cancelled, match="was stopped"):
        run(store, home, begin(store, "download", "", REQUEST), work)
    stop = Event()
    stop.set()
    waiting = begin(store, "download", "", REQUEST | {"seed": 1})
    with pytest.raises(Interrupted):
        run(store, home, waiting, lambda ticket: ticket.require_wanted(), stop=stop)
    assert store.get(Job, waiting.id).state is JobState.QUEUED


class Begins(Store):
    """A store whose waiting job begins in the very moment before somebody writes to it."""

    def update(self, record, *beside, **expected):
        if expected.get("state") is JobState.QUEUED:
            super().update(replace(record, state=JobState.RUNNING), state=JobState.QUEUED)
        return super().update(record, *beside, **expected)


@pytest.mark.parametrize(("ask", "state"), [(pause, JobState.PAUSED), (cancel, JobState.CANCELLED)])
def test_a_job_that_begins_while_it_is_stopped_is_stopped(home, ask, state):
    with open_store(home) as store:
        job = begin(store, "generate", "david", REQUEST, state=JobState.QUEUED)
    with Begins(home, connect(home / FILE, 5)) as store:
        assert ask(store, job.id).state is state
