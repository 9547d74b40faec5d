"""Work that nobody waits for: what is queued in the store is done in its turn, on DBOS, whatever ends the process.

The row in the store says what is wanted; anybody may write it there, from any process and without this module. DBOS
keeps what was begun, in a SQLite file of its own in the home: a workflow for each attempt at a job, named after the job
(`ID`, and `ID-2` after it was paused, cancelled or failed), in a queue that does one heavy thing at a time. After a
`kill -9` the next launch recovers the workflow that was under way, and the work finds in the store what it made so far.

One process of a home leads, by a lock that dies with it; another that launches too takes over when the first is gone.
DBOS is imported and launched when there is something to do, since that takes two seconds and nine threads; until then
the watch costs one small read of the store in half a second.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from emmaus.errors import Cancelled, EmmausError, HomeBusy, NotFound
from emmaus.jobs.jobs import cancel, fail, lay_down, pause, resume, state_of
from emmaus.store import Store, lock
from emmaus.types import Job, JobState

if TYPE_CHECKING:
    from dbos import DBOSConfig

FILE = "jobs.db"
EVERY = 0.5
"""Seconds between two looks into the store, and between two of DBOS into its queues."""
ENDING = 15.0
"""Seconds that `close` waits for work to be laid down."""
MOST_CRASHES = 20
"""Times that a job is taken up again of which the whole process died each time."""
LIGHT_AT_ONCE = 3
_HEAVY, _LIGHT = "heavy", "light"
_ACTIVE = ["DELAYED", "ENQUEUED", "PENDING"]
_WAITING = (JobState.QUEUED, JobState.RUNNING)

Perform: TypeAlias = Callable[[Job, Event], object]
"""Does a job with `jobs.run`, patiently, and lays it down soon after the event is set."""

_log = logging.getLogger(__name__)
_only = Lock()
"""DBOS is one to a process."""


class Background:
    """The watch over one home's queue. It has a life: `launch` starts it, `close` lays down what is under way."""

    def __init__(self, store: Store, home: Path, perform: Perform, *, light: Collection[str] = ()) -> None:
        """Nothing is started yet. Jobs of the kinds in `light` neither wait for heavy ones nor hold them up."""
        self.fault: Exception | None = None
        """Why the last look at the queue failed; it looks again."""
        self._store = store
        self._home = home
        self._perform = perform
        self._light = frozenset(light)
        self._stop = Event()
        self._woken = Event()
        self._work: Callable[[str], str] | None = None
        """DBOS's name for `_attempt`, once it is launched."""
        self._watcher: Thread | None = None

    def __enter__(self) -> Self:
        return self.launch()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def launch(self, *, after: float = 0.0) -> Self:
        """Begin to watch, `after` so many seconds; returns at once."""
        if self._watcher is None:
            self._watcher = Thread(target=self._watch, args=(after,), name="background", daemon=True)
            self._watcher.start()
        return self

    def close(self) -> None:
        """Lay down what is under way, which goes on at the next launch of any process, and end."""
        self._stop.set()
        self._woken.set()
        if self._watcher:
            self._watcher.join()

    def enqueue(self, job: Job) -> Job:
        """Have a job done in its turn; one that is done, waits or is at work stays as it is."""
        return self._then_look(resume(self._store, self._home, job.id))

    def pause(self, job_id: str) -> Job:
        """Stop a job until it is resumed."""
        return pause(self._store, job_id)

    def resume(self, job_id: str) -> Job:
        """Put a job that was paused, cancelled or failed into the queue again."""
        return self._then_look(resume(self._store, self._home, job_id))

    def cancel(self, job_id: str) -> Job:
        """Stop a job; what it has done is kept."""
        return cancel(self._store, job_id)

    def takes_up(self, job: Job) -> bool:
        """Whether a job at which nobody is any more goes on here by itself; so too as long as that is not known."""
        if isinstance(self.fault, HomeBusy):
            return False
        if self._work is None:
            return (self._home / FILE).exists()
        from dbos import DBOS

        begun = DBOS.list_workflows(workflow_id_prefix=job.id, status=_ACTIVE, load_input=False, load_output=False)
        return bool(begun)

    def _then_look(self, job: Job) -> Job:
        self._woken.set()
        return job

    def _watch(self, after: float) -> None:
        self._stop.wait(after)
        with ExitStack() as ending:
            while not self._stop.is_set():
                try:
                    self._look(ending)
                    self.fault = None
                except Exception as error:  # a full disk, a locked file: the queue is still there in half a second
                    if not isinstance(error, HomeBusy) and repr(error) != repr(self.fault):
                        _log.warning("background work waits: %s", error)
                    self.fault = error
                self._woken.wait(EVERY)
                self._woken.clear()

    def _look(self, ending: ExitStack) -> None:
        """Hand what is queued in the store over to DBOS, which is launched for the first of it."""
        queued = self._store.find(Job, state=JobState.QUEUED)
        if self._work is None:
            if not queued and not self._left():
                return
            self._work = ending.enter_context(self._leading())
        for job in queued:
            self._hand_over(job)

    def _left(self) -> bool:
        """Whether a process that did background work here may have died over a job."""
        if not (self._home / FILE).exists():
            return False
        return any(state_of(self._home, job) == "interrupted" for job in self._store.find(Job, state=JobState.RUNNING))

    @contextmanager
    def _leading(self) -> Iterator[Callable[[str], str]]:
        """Be the one process that does this home's background work; gives what does one attempt.

        Raises:
            HomeBusy: another process is, or this one does the work of another home.
        """
        with lock(self._home, "background"):
            if not _only.acquire(blocking=False):
                raise HomeBusy("this process does the background work of another home: close that first")
            try:
                with _engine(self._home / FILE, self._attempt) as work:
                    yield work
            finally:
                _only.release()
                self._work = None

    def _hand_over(self, job: Job) -> None:
        from dbos import DBOS, SetWorkflowID

        before = DBOS.list_workflows(workflow_id_prefix=job.id, load_input=False, load_output=False)
        if self._work is None or any(workflow.status in _ACTIVE for workflow in before):
            return
        queue = _LIGHT if job.kind in self._light else _HEAVY
        with SetWorkflowID(f"{job.id}-{len(before) + 1}" if before else job.id):
            DBOS.enqueue_workflow(queue, self._work, job.id)

    def _attempt(self, job_id: str) -> str:
        """Do a job unless it was stopped meanwhile, and say how it stands then. Never raises: the row says why."""
        try:
            job = self._store.get(Job, job_id)
            if job.state in _WAITING and not self._stop.is_set():
                self._do(job)
            return self._store.get(Job, job_id).state.value
        except NotFound:
            return "gone"
        except EmmausError as error:
            _log.warning("job %s: %s", job_id, error)
            return "unknown"

    def _do(self, job: Job) -> None:
        try:
            self._perform(job, self._stop)
        except Cancelled:
            pass
        except EmmausError as error:
            fail(self._store, self._home, job.id, str(error))
        except Exception as error:
            _log.exception("job %s", job.id)
            fail(self._store, self._home, job.id, f"{type(error).__name__}: {error}")
        if self._stop.is_set():  # whoever did it may have been ended before it could say so
            lay_down(self._store, self._home, job.id)


@contextmanager
def _engine(file: Path, attempt: Callable[[str], str]) -> Iterator[Callable[[str], str]]:
    """Launch DBOS on this file, with what was under way there; gives its workflow of one attempt at a job."""
    from dbos import DBOS

    config: DBOSConfig = {
        "name": "emmaus",
        "system_database_url": f"sqlite:///{file}",
        # Fixed: what a version of this program began, the next one ends; a job knows itself whether it still can.
        "application_version": "1",
        "executor_id": "local",
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    DBOS(config=config)
    try:

        def job(job_id: str) -> str:
            return DBOS.run_step({"name": "work"}, attempt, job_id)

        work = DBOS.workflow(name="job", max_recovery_attempts=MOST_CRASHES)(job)
        DBOS.launch()
        DBOS.register_queue(_HEAVY, global_concurrency=1, polling_interval_sec=EVERY)
        DBOS.register_queue(_LIGHT, global_concurrency=LIGHT_AT_ONCE, polling_interval_sec=EVERY)
        yield work
        _wait_until_recorded()
    finally:
        DBOS.destroy(destroy_registry=True)


def _wait_until_recorded() -> None:
    """Wait until what was under way is laid down, and DBOS knows: what it does not know it takes for a crash."""
    from dbos import DBOS

    until = time.monotonic() + ENDING
    while DBOS.list_workflows(status="PENDING", load_input=False, load_output=False) and time.monotonic() < until:
        time.sleep(0.05)
