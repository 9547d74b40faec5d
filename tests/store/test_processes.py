"""Several processes on one home: nothing is lost, and a dead one blocks nobody."""

import signal
import subprocess
import sys
import threading

import pytest

from emmaus.errors import HomeBusy
from emmaus.store import held, lock, open_store
from emmaus.types import Conversation, Rejection

WRITER = """
import sys
from pathlib import Path
from emmaus.store import open_store
from emmaus.types import Rejection
home, name = Path(sys.argv[1]), sys.argv[2]
with open_store(home) as store:
    for number in range(50):
        store.add(Rejection(f"{name}-{number}", name, "rule", "", "question", "answer"))
"""

HOLDER = """
import sys, time
from pathlib import Path
from emmaus.store import lock
with lock(Path(sys.argv[1]), "work"):
    print("held", flush=True)
    time.sleep(60)
"""


FIRST = """
import sys
from pathlib import Path
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
with Emmaus(Settings(home=Path(sys.argv[1])), model=ScriptedModel()) as app:
    print("open", flush=True)
    sys.stdin.readline()
    print(app.parts.subject, flush=True)
"""


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_open_a_new_home_at_once_all_keep_their_writes(home):
    writers = [start(WRITER, home, name) for name in ("a", "b", "c")]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.communicate()
    with open_store(home) as store:
        assert {name: store.count(Rejection, job=name) for name in "abc"} == {"a": 50, "b": 50, "c": 50}


def test_processes_that_ask_first_who_sits_here_hear_of_one_person(home):
    processes = [start(FIRST, home) for _ in range(4)]
    assert [process.stdout.readline() for process in processes] == ["open\n"] * 4
    for process in processes:
        process.stdin.write("now\n")
        process.stdin.flush()
    heard = {process.communicate(timeout=60)[0].strip() for process in processes}
    with open_store(home) as store:
        assert heard == {store.meta("subject")}


def test_threads_may_share_a_store(store):
    def write(name):
        for number in range(40):
            store.add(Rejection(f"{name}-{number}", name, "rule", "", "q", "a"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count(Rejection) == 320


def test_a_lock_is_held_by_one_process_and_freed_by_its_death(home):
    with start(HOLDER, home) as holder:
        assert holder.stdout.readline() == "held\n"
        assert held(home, "work")
        with pytest.raises(HomeBusy, match=f"process {holder.pid} is already doing this work"), lock(home, "work"):
            pass
        with lock(home, "other"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert not held(home, "work")
    with lock(home, "work"):
        assert held(home, "work")
        with pytest.raises(HomeBusy), lock(home, "work"):
            pass
    assert not held(home, "work")


def test_a_lock_may_be_waited_for(home):
    with lock(home, "work"):
        waiting = threading.Thread(target=lambda: lock(home, "work", wait=10).__enter__())
        waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()


def test_opening_a_store_that_is_up_to_date_loads_no_migrations(home):
    open_store(home).close()
    script = (
        "import sys; from pathlib import Path; from emmaus.store import open_store;"
        "open_store(Path(sys.argv[1])).close(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "sqlalchemy" in modules
    assert not {"alembic", "sqlalchemy.orm", "torch", "fastapi", "pydantic"} & set(modules)


def test_a_store_that_is_closed_leaves_one_file(home):
    with open_store(home) as store:
        store.find(Conversation)
    assert [file.name for file in home.glob("emmaus.db*")] == ["emmaus.db"]
