"""Where a job is done: in a thread of this process, or in a child process, seen from its parent."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from emmaus import jobs
from emmaus.errors import EmmausError
from emmaus.home import Home
from emmaus.types import Job
from emmaus.work.kinds import KINDS

if TYPE_CHECKING:
    from emmaus.jobs.background import Background

GRACE = 5.0
"""Seconds that a child has to lay its work down: an answer is finished, or a step of training and its checkpoint.

What takes longer is done again from what was kept last: of a long step, the checkpoint before it.
"""
PROGRAM = Path(__file__).with_name("child.py")
"""Run by its path: as a module it would have its whole room imported before it goes last."""
LOOK = 0.2
"""Seconds between two looks at a child."""


def background(home: Home, *, apart: bool) -> "Background":
    """The background work of a home, not launched yet; `apart` says whether its settings alone make the home."""
    from emmaus.jobs.background import Background

    light = [name for name, kind in KINDS.items() if not kind.heavy]

    def perform(job: Job, stop: Event) -> None:
        (_elsewhere if apart and job.kind not in light else here)(home, job, stop)

    return Background(home.store, home.path, perform, light=light)


def here(home: Home, job: Job, stop: Event) -> None:
    """Do a job in this thread, when nobody else is at it.

    Raises:
        EmmausError: this version does not know the kind; else as `jobs.run` does.
    """
    kind = KINDS.get(job.kind)
    if kind is None:
        raise EmmausError(f"this version of Emmaus cannot do work of the kind {job.kind!r}: update it")
    jobs.run(home.store, home.path, job, partial(kind.do, home), alone=kind.alone, patient=True, stop=stop)


def _elsewhere(home: Home, job: Job, stop: Event) -> None:
    """Do a job in a child process, which ends with this one, however this one ends.

    Raises:
        EmmausError: the child ended without a word; the sentence says how.
    """
    log = home.path / "logs" / f"job-{job.id[:8]}.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
        child = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=written,
            env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"},
            start_new_session=True,  # a group of its own to the scheduler, which Ctrl-C does not reach
        )
        try:
            _tell(child, {"settings": home.settings.model_dump(mode="json"), "job": job.id})
            while child.poll() is None and not stop.wait(LOOK):
                pass
        finally:
            _end(child)
        silent = not os.fstat(written.fileno()).st_size
    if child.returncode and not stop.is_set():
        raise EmmausError(_ended(child.returncode, job, log))
    if silent:
        log.unlink(missing_ok=True)


def _tell(child: "subprocess.Popen[bytes]", task: dict[str, object]) -> None:
    """Say what is to be done: not on the command line, which others on this computer can read."""
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # it is gone already: how is seen from its exit
        child.stdin.write(json.dumps(task).encode() + b"\n")
        child.stdin.flush()


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Let a child lay down its work, and see that it is gone."""
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.close()
    try:
        child.wait(GRACE + 3)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _ended(code: int, job: Job, log: Path) -> str:
    again = f"go on with emmaus resume {job.id[:8]}"
    if code == -signal.SIGKILL:
        return f"the process that did this was killed, perhaps for its memory: {again}"
    last: list[str] = []
    with suppress(FileNotFoundError):  # whoever deletes their data deletes the logs too
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return f"the process that did this ended with {code} ({last[0] if last else 'without a word'}): {again}"
