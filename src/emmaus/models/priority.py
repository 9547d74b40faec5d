"""Who goes first on this computer's cores: a person who waits for an answer, and background work after them.

A niceness alone does not do it on Linux. Each session is one group to the scheduler ("autogroup", see sched(7)): groups
share the cores evenly, and niceness counts among the processes of one group only. So background work has a session of
its own, and says its niceness once more for the group; and so does each process that it starts in another session.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

LOWEST = 19


def go_last() -> None:
    """Let this process, and the threads and processes that it will start, have only what nobody else wants.

    To be called in a session of its own, else the group of whoever started it would be last, too.
    """
    if sys.platform == "win32":
        return
    os.nice(LOWEST)
    same_for_its_group(os.getpid())


def same_for_its_group(process: int) -> None:
    """Let the group of a session that was just begun by `process` be as nice as this process is."""
    if sys.platform == "win32" or not (nice := os.getpriority(os.PRIO_PROCESS, 0)):
        return
    with suppress(OSError):  # there is no such file where niceness counts everywhere
        (Path("/proc") / str(process) / "autogroup").write_text(str(nice), encoding="ascii")
