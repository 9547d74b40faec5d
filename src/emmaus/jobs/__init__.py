"""Reads and writes Job: long work that can be watched, paused and cancelled from other processes, and goes on later.

Knows nothing of what the work is. What it produces goes into the store under the job's id, and resuming means looking
there for what is still missing. What nobody waits for is done by `jobs.background`, on a workflow engine that takes a
second to import: only whoever launches it imports that module.
"""

from emmaus.jobs import curves
from emmaus.jobs.jobs import (
    Report,
    Ticket,
    Work,
    begin,
    cancel,
    fail,
    lay_down,
    pause,
    resume,
    run,
    running,
    silent,
    state_of,
)

__all__ = [
    "Report",
    "Ticket",
    "Work",
    "begin",
    "cancel",
    "curves",
    "fail",
    "lay_down",
    "pause",
    "resume",
    "run",
    "running",
    "silent",
    "state_of",
]
