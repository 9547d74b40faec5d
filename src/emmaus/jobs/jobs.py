"""Durable background work: four verbs, and a ticket that the work reports to.

A job is its request: the same kind, character and request is the same job, so beginning it again resumes it, and two
processes that begin it at once begin one. The state in the store is the only memory; that a process is at work shows in
a lock that dies with it. A workflow engine offers the same verbs (start under an idempotency key, run, cancel, publish
progress) and can take this module's place without its callers noticing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from emmaus.errors import Cancelled, EmmausError
from emmaus.store import Store, held, lock
from emmaus.types import Job, JobState, Json, Progress, digest

REPORT_EVERY = 0.5
"""Seconds between two writes of progress, and so the longest that a cancelled job works on between its reports."""

Clock: TypeAlias = Callable[[], float]


class Ticket:
    """What work holds while it runs: the job as it stood at the start, and where to report to."""

    def __init__(self, store: Store, job: Job, every: float, clock: Clock) -> None:
        self.job = job
        self._store = store
        self._every = every
        self._clock = clock
        self._written = float("-inf")

    def report(self, progress: Progress) -> None:
        """Say how far the work has come. Cheap enough to call after every item: most calls only remember.

        Raises:
            Cancelled: somebody asked this job to stop.
        """
        self.job = replace(
            self.job, done=progress.done, total=progress.total, note=progress.note, values=dict(progress.values)
        )
        if self._clock() - self._written < self._every:
            return
        if not self._store.update(self.job, state=JobState.RUNNING):
            raise Cancelled(_stopped(self.job))
        self._written = self._clock()


Work: TypeAlias = Callable[[Ticket], object]
"""Something to do. It reports to its ticket, and keeps what it makes in the store under `ticket.job.id`."""


def begin(
    store: Store, kind: str, character: str, request: Mapping[str, Json], *, clock: Callable[[], float] = time.time
) -> Job:
    """Record a job that is about to run, or return the one that has this kind, character and request.

    It comes back as it stands: one that is done as done; one that was cancelled, failed or killed with what it had
    reported, and running it resumes it. To do the same work afresh, let the request differ (by a seed, say).
    """
    name = digest({"kind": kind, "character": character, "request": request})
    job = Job(name, kind, character, request, JobState.RUNNING, created_at=clock())
    return store.add(job)


def run(
    store: Store,
    home: Path,
    job: Job,
    work: Work,
    *,
    alone: str | None = None,
    every: float = REPORT_EVERY,
    clock: Clock = time.monotonic,
) -> Job:
    """Do a job's work, unless it is done already, and return the job as it then stands.

    Args:
        store: Where the job is recorded.
        home: The data folder, whose locks keep a second process from the same job.
        job: From `begin` or the store; one given as CANCELLED or FAILED is resumed.
        work: Called once, in this thread.
        alone: Name of something that only one job may use at a time ("train"); it is locked as well.
        every: Seconds between two writes of progress.
        clock: Measures those seconds.

    Raises:
        HomeBusy: another process does this job, or uses what `alone` names.
        Cancelled: the job was stopped, by `cancel` or Ctrl-C; what was done is kept, and beginning it again resumes it.
    """
    with _locked(home, job, alone):
        now = store.get(Job, job.id)
        if now.state is JobState.DONE:
            return now
        if now.state is JobState.CANCELLED and job.state is JobState.RUNNING:
            raise Cancelled(_stopped(now))  # while it waited for its turn
        ticket = Ticket(store, replace(now, state=JobState.RUNNING, note=""), every, clock)
        if not store.update(ticket.job, state=now.state):
            raise Cancelled(_stopped(now))  # in this very moment
        with _recorded(store, ticket):
            work(ticket)
        done = replace(ticket.job, state=JobState.DONE)
        store.update(done)
        return done


def cancel(store: Store, job_id: str) -> Job:
    """Ask a job to stop, from any process; it does so at its next report. A job that has ended stays as it is.

    Raises:
        NotFound: there is no such job.
    """
    job = store.get(Job, job_id)
    store.update(replace(job, state=JobState.CANCELLED), state=JobState.RUNNING)
    return store.get(Job, job.id)


def running(home: Path, job: Job) -> bool:
    """Whether a process is at work on this job now. One that is RUNNING without it was killed, and can be resumed."""
    return held(home, _lock_of(job))


def state_of(home: Path, job: Job) -> str:
    """How a job stands, in a word: its state, or `interrupted` where it is RUNNING and nobody is at work on it."""
    return "interrupted" if job.state is JobState.RUNNING and not running(home, job) else job.state.value


def _lock_of(job: Job) -> str:
    return f"job-{job.id}"


@contextmanager
def _locked(home: Path, job: Job, alone: str | None) -> Iterator[None]:
    with ExitStack() as locks:
        locks.enter_context(lock(home, _lock_of(job)))
        if alone is not None:
            locks.enter_context(lock(home, alone))
        yield


@contextmanager
def _recorded(store: Store, ticket: Ticket) -> Iterator[None]:
    """Record how the work ended where it did not end well."""
    try:
        yield
    except KeyboardInterrupt as error:
        _record(store, replace(ticket.job, state=JobState.CANCELLED, note="interrupted"), error)
        raise Cancelled(_stopped(ticket.job)) from None
    except Cancelled as error:
        _record(store, replace(ticket.job, state=JobState.CANCELLED, note="cancelled on request"), error)
        raise
    except BaseException as error:
        reason = str(error) if isinstance(error, EmmausError) else f"{type(error).__name__}: {error}"
        _record(store, replace(ticket.job, state=JobState.FAILED, note=reason), error)
        raise


def _record(store: Store, job: Job, error: BaseException) -> None:
    try:
        store.update(job)
    except EmmausError as lost:  # a full disk, perhaps the very reason: the first error is the one to show
        error.add_note(f"and this could not be recorded: {lost}")


def _stopped(job: Job) -> str:
    return f"{job.kind} for {job.character} was stopped at {job.done} of {job.total}: run it again to go on from there"
