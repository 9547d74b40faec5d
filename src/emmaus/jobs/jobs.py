"""Durable work: begun, run, paused, resumed, cancelled, and a ticket that the work reports to.

A job is its request: the same kind, character and request is the same job, so beginning it again resumes it, and two
processes that begin it at once begin one. The state in the store is what everybody reads and what every wish is written
to; that a process is at work shows in a lock that dies with it, so no job is ever done by two at once.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeAlias

from emmaus.errors import BudgetSpent, Cancelled, EmmausError, HomeBusy, Interrupted
from emmaus.jobs.curves import Curve
from emmaus.store import Store, held, lock
from emmaus.types import Job, JobState, Json, Progress, digest

REPORT_EVERY = 0.5
"""Seconds between two writes of progress, and so the longest that a cancelled job works on between its reports."""
AGAIN = 0.5
"""Seconds between two looks whether what another process holds is free."""
STOPPED = (JobState.CANCELLED, JobState.PAUSED)
"""States that a person put a job into."""

Clock: TypeAlias = Callable[[], float]
Report: TypeAlias = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report to nobody."""


class Ticket:
    """What work holds while it runs: the job as it stood at the start, and where to report to."""

    def __init__(
        self,
        store: Store,
        job: Job,
        every: float,
        clock: Clock,
        watch: Report | None = None,
        stop: Event | None = None,
        curve: Curve | None = None,
    ) -> None:
        self.job = job
        self._store = store
        self._every = every
        self._clock = clock
        self._watch = watch
        self._stop = stop
        self._curve = curve
        self._written = float("-inf")

    def report(self, progress: Progress) -> None:
        """Say how far the work has come. Cheap enough to call after every item: most calls only remember.

        Raises:
            Cancelled: somebody asked this job to stop, or paused it.
            Interrupted: the process that does it ends.
        """
        self.job = replace(
            self.job, done=progress.done, total=progress.total, note=progress.note, values=dict(progress.values)
        )
        if self._stop and self._stop.is_set():
            raise Interrupted(_stopped(self.job))
        if self._clock() - self._written >= self._every:
            if not self._store.update(self.job, state=JobState.RUNNING):
                now = self._store.get(Job, self.job.id)
                raise Cancelled(_stopped(replace(self.job, state=now.state)))
            self._written = self._clock()
            if self._curve:
                self._curve.add(progress)
        if self._watch:
            self._watch(progress)

    def require_wanted(self) -> None:
        """Go on only where nobody asked this job to stop: for work that waits, and has nothing to report meanwhile.

        Raises:
            Cancelled: somebody asked this job to stop, or paused it.
            Interrupted: the process that does it ends.
        """
        if self._stop and self._stop.is_set():
            raise Interrupted(_stopped(self.job))
        now = self._store.get(Job, self.job.id)
        if now.state is not JobState.RUNNING:
            raise Cancelled(_stopped(replace(self.job, state=now.state)))

    def note(self, sentence: str) -> None:
        """Say what came of the work, when it is done."""
        self.job = replace(self.job, note=sentence)


Work: TypeAlias = Callable[[Ticket], object]
"""Something to do. It reports to its ticket, and keeps what it makes in the store under `ticket.job.id`."""


def begin(
    store: Store,
    kind: str,
    character: str,
    request: Mapping[str, Json],
    *,
    total: int = 0,
    state: JobState = JobState.RUNNING,
    clock: Callable[[], float] = time.time,
) -> Job:
    """Record a job that is about to run, or return the one that has this kind, character and request.

    `total` says of how many pieces it is; 0 where that is not known yet.

    It comes back as it stands: one that is done as done; one that was paused, cancelled, failed or killed with what it
    had reported, and running it resumes it. To do the same work afresh, let the request differ (by a seed, say). A new
    one is in `state`: RUNNING for whoever runs it now, QUEUED for the background.
    """
    name = digest({"kind": kind, "character": character, "request": request})
    job = Job(name, kind, character, request, state, total=total, created_at=clock())
    return store.add(job)


def run(
    store: Store,
    home: Path,
    job: Job,
    work: Work,
    *,
    alone: str | None = None,
    patient: bool = False,
    stop: Event | None = None,
    watch: Report | None = None,
    every: float = REPORT_EVERY,
    clock: Clock = time.monotonic,
) -> Job:
    """Do a job's work, unless it is done already, and return the job as it then stands.

    Args:
        store: Where the job is recorded.
        home: The data folder, whose locks keep a second process from the same job.
        job: From `begin` or the store; one given as PAUSED, CANCELLED or FAILED is resumed.
        work: Called once, in this thread.
        alone: Name of something that only one job may use at a time ("train"); it is locked as well.
        patient: Wait where another process does this job, or uses what `alone` names, instead of raising HomeBusy.
        stop: Once it is set the work is laid down at its next report, and the job is QUEUED again.
        watch: Called with everything that is reported.
        every: Seconds between two writes of progress.
        clock: Measures those seconds.

    Raises:
        HomeBusy: another process does this job, or uses what `alone` names.
        Cancelled: the job was stopped, by `cancel`, `pause` or Ctrl-C; what was done is kept, and beginning it again
            resumes it.
        BudgetSpent: the work used up what it was given, and is PAUSED.
        Interrupted: `stop` was set.
    """
    with ExitStack() as locks:
        for name in (_lock_of(job), *([alone] if alone else [])):
            _take(locks, store, home, job, name, patient=patient, stop=stop)
        now = store.get(Job, job.id)
        if now.state is JobState.DONE:
            return now
        if now.state in STOPPED and job.state is not now.state:
            raise Cancelled(_stopped(now))  # while it waited for its turn
        ticket = Ticket(
            store, replace(now, state=JobState.RUNNING, note=""), every, clock, watch, stop, Curve(home, job.id)
        )
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
    return _move(store, job_id, JobState.CANCELLED, (JobState.RUNNING, JobState.QUEUED, JobState.PAUSED))


def pause(store: Store, job_id: str) -> Job:
    """Ask a job to stop until it is resumed, from any process. A job that has ended stays as it is.

    Raises:
        NotFound: there is no such job.
    """
    return _move(store, job_id, JobState.PAUSED, (JobState.RUNNING, JobState.QUEUED))


def resume(store: Store, home: Path, job_id: str) -> Job:
    """Put a job into the queue, whatever ended it; one that is done, waits or is at work stays as it is.

    Raises:
        NotFound: there is no such job.
    """
    job = store.get(Job, job_id)
    if job.state is JobState.RUNNING and running(home, job):
        return job
    return _move(store, job.id, JobState.QUEUED, (JobState.RUNNING, JobState.FAILED, *STOPPED))


def fail(store: Store, home: Path, job_id: str, reason: str) -> None:
    """Record why a job cannot be done, where its work came to record nothing itself and nobody else is at it."""
    job = store.get(Job, job_id)
    if job.state in (JobState.QUEUED, JobState.RUNNING) and not running(home, job):
        store.update(replace(job, state=JobState.FAILED, note=reason), state=job.state)


def lay_down(store: Store, home: Path, job_id: str) -> None:
    """Record that whoever did a job is gone, and that it waits for its turn again."""
    job = store.get(Job, job_id)
    if job.state is JobState.RUNNING and not running(home, job):
        store.update(replace(job, state=JobState.QUEUED), state=job.state)


def running(home: Path, job: Job) -> bool:
    """Whether a process is at work on this job now. One that is RUNNING without it was killed, and can be resumed."""
    return held(home, _lock_of(job))


def state_of(home: Path, job: Job) -> str:
    """How a job stands, in a word: its state, or `interrupted` where it is RUNNING and nobody is at work on it."""
    return "interrupted" if job.state is JobState.RUNNING and not running(home, job) else job.state.value


def _lock_of(job: Job) -> str:
    return f"job-{job.id}"


def _move(store: Store, job_id: str, to: JobState, before: Collection[JobState]) -> Job:
    """Bring a job into another state, if it is in one of these, though it may go from one of them to another."""
    job = store.get(Job, job_id)
    while job.state in before and not store.update(replace(job, state=to), state=job.state):
        job = store.get(Job, job.id)
    return store.get(Job, job.id)


def _take(
    locks: ExitStack, store: Store, home: Path, job: Job, name: str, *, patient: bool, stop: Event | None
) -> None:
    """Take a lock. Raises as `run` does."""
    while True:
        try:
            locks.enter_context(lock(home, name))
            return
        except HomeBusy:
            if not patient:
                raise
        now = store.get(Job, job.id)
        if now.state in STOPPED and job.state is not now.state:
            raise Cancelled(_stopped(now))
        if stop and stop.wait(AGAIN):
            raise Interrupted(_stopped(now))
        if not stop:
            time.sleep(AGAIN)


@contextmanager
def _recorded(store: Store, ticket: Ticket) -> Iterator[None]:
    """Record how the work ended where it did not end well."""
    try:
        yield
    except KeyboardInterrupt as error:
        _record(store, replace(ticket.job, state=JobState.CANCELLED, note="interrupted"), error)
        raise Cancelled(_stopped(ticket.job)) from None
    except Interrupted as error:
        _record(store, replace(ticket.job, state=JobState.QUEUED), error, state=JobState.RUNNING)
        raise
    except BudgetSpent as error:
        _record(store, replace(ticket.job, state=JobState.PAUSED, note=str(error)), error, state=JobState.RUNNING)
        raise
    except Cancelled as error:
        if not _record_stop(store, ticket.job, error):
            _record(store, replace(ticket.job, state=JobState.CANCELLED, note="cancelled on request"), error)
        raise
    except BaseException as error:
        reason = str(error) if isinstance(error, EmmausError) else f"{type(error).__name__}: {error}"
        failed = replace(ticket.job, state=JobState.FAILED, note=reason)
        if not _record(store, failed, error, state=JobState.RUNNING):
            _record_stop(store, ticket.job, error)  # a person was faster: it stands as they put it
        raise


def _record_stop(store: Store, job: Job, error: BaseException) -> bool:
    """Record how far a job came in the state that a person put it into, which they may have changed once more."""
    notes = {JobState.PAUSED: "paused on request", JobState.QUEUED: "", JobState.CANCELLED: "cancelled on request"}
    return any(
        _record(store, replace(job, state=state, note=note), error, state=state) for state, note in notes.items()
    )


def _record(store: Store, job: Job, error: BaseException, **expected: JobState) -> bool:
    try:
        return store.update(job, **expected)
    except EmmausError as lost:  # a full disk, perhaps the very reason: the first error is the one to show
        error.add_note(f"and this could not be recorded: {lost}")
        return True


def _stopped(job: Job) -> str:
    where = f"{job.kind} for {job.character}" if job.character else job.kind, f"at {job.done} of {job.total}"
    if job.state is JobState.PAUSED:
        return f"{where[0]} was paused {where[1]}: go on with emmaus resume {job.id[:8]}"
    return f"{where[0]} was stopped {where[1]}: run it again to go on from there"
