"""Serve a home whose characters answer by a script, for the benchmarks of the pages: python bench/served.py FOLDER.

Prints one line of JSON when it listens: the `link` that lets a browser in, and a `key` that opens everything. It ends
with its standard input.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emmaus.accounts import keys
from emmaus.accounts.person import at_this_computer
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Scope
from emmaus.web import serving

ANSWER = (
    "I kept sheep before I kept anything else, and a night on those hills is long. When the dark came close I counted "
    "what I could still name: the stream, the rod, the breath of the flock. It was never much, and it was enough. You "
    "ask what I would do today. I would sit down, say the thing aloud to God as it is, and wait for the morning."
)


def main() -> None:
    """Serve the folder that is named, with so many seconds between the words of an answer."""
    folder, delay = Path(sys.argv[1]), float(sys.argv[2])
    with Emmaus(Settings(home=folder), model=ScriptedModel(ANSWER, delay=delay)) as app:
        app.consent({Scope.STORE})
        with serving(app) as (address, door):
            text, _ = keys.add(app.store, at_this_computer(door.subject), "bench", keys.ALL, clock=app.clock)
            print(json.dumps({"address": address, "link": address + door.link(), "key": text}), flush=True)
            sys.stdin.read()


@contextmanager
def elsewhere(folder: Path, delay: float) -> Iterator[dict[str, str]]:
    """Have this serve a folder in a process of its own; gives what it printed."""
    command = [sys.executable, __file__, str(folder), str(delay)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as the command sets it
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        yield json.loads(program.stdout.readline())
        program.stdin.close()


if __name__ == "__main__":
    main()
