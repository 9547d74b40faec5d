"""The child process that does one job, and goes last on the cores.

The first line on stdin names the settings of the home and the job. Stdin closes when the parent closes it or dies,
however it dies: then the work is laid down at its next report, or this process ends without, after some seconds. How
the work ended stands in the store; the exit code tells only of what could not be written there.
"""

import json
import os
import sys
import time
from threading import Event, Thread

from emmaus.models.priority import go_last

PATIENCE = 10
"""Times longer than usual that a model may stay silent: it goes last, too, and may have to wait for its turn."""


def main() -> int:
    """Do the job that the parent names."""
    go_last()  # before anything is imported that starts threads
    line = b""
    while not line.endswith(b"\n"):
        if not (piece := os.read(0, 65536)):
            return 0
        line += piece
    task = json.loads(line)
    stop = Event()
    Thread(target=_watch, args=(stop,), daemon=True).start()

    from emmaus import jobs
    from emmaus.config import Settings
    from emmaus.errors import Cancelled, EmmausError
    from emmaus.home import Home
    from emmaus.types import Job
    from emmaus.work.places import here

    try:
        settings = Settings(**task["settings"])
        settings = settings.model_copy(update={"timeout": settings.timeout * PATIENCE})
        home = Home(settings, model=None, embedder=None, clock=time.time)
        try:
            job = home.store.get(Job, task["job"])
            try:
                here(home, job, stop)
            except Cancelled:
                pass
            except EmmausError as error:
                jobs.fail(home.store, home.path, job.id, str(error))
        finally:
            home.close()
    except EmmausError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _watch(stop: Event) -> None:
    """Wait until the parent closes stdin or is gone."""
    from emmaus.work.places import GRACE

    while os.read(0, 65536):
        pass
    stop.set()
    time.sleep(GRACE)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
