"""One engine child, seen from its parent: started, awaited, watched, stopped."""

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emmaus.errors import ModelError, ModelFileError
from emmaus.models.files import mending
from emmaus.models.priority import same_for_its_group
from emmaus.models.slots import Slots
from emmaus.models.transport import Server

LOG_LINES = 40
LOG_LINE = 400
LAST_WORDS = 20.0
"""Seconds in which a child that could not start has ended, also on a crowded machine: its log says why."""
PROGRAM = Path(__file__).with_name("engine_child.py")

_STAMP = re.compile(r"^[\d.]+ [A-Z] ")
_CAUSE = re.compile(
    r"file bounds|corrupt|incomplete|failed to (read|load)|invalid|mismatch|does not exist", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Launch:
    """What a child is started with."""

    model: Path
    adapters: Mapping[str, Path]
    """Adapter name -> its LoRA as GGUF; the order is the order of the ids in llama.cpp."""
    threads: int
    context: int
    slots: int
    apart: bool
    """Whether each slot is a server of its own, which draws its tokens in one thread; made when it is first needed."""
    timeout: float


class Child:
    """llama.cpp's server in a process of its own; starting returns at once, `ready` waits until it serves.

    The process has its own session, so Ctrl-C in a terminal does not reach it, and waits passively between tokens:
    two OpenMP programs that spin on the same cores slow each other down fiftyfold.
    """

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.slots = Slots(1, another=self._another) if launch.apart else Slots(launch.slots)
        self.users = 0
        self.retired = False
        self._key = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._servers: list[Server] = []
        self._full = False
        self._failure: ModelError | None = None
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"},
            start_new_session=True,
        )
        same_for_its_group(self._process.pid)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        config = {
            "model": str(launch.model),
            "adapters": [str(path) for path in launch.adapters.values()],
            "threads": 1 if launch.apart else launch.threads,
            "batch_threads": launch.threads,
            "context": launch.context,
            "slots": 1 if launch.apart else launch.slots,
            "key": self._key,
        }
        self._tell(json.dumps(config))

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def serves(self) -> bool:
        """Whether the model is loaded and takes requests."""
        return bool(self._servers)

    def died(self, seconds: float = 2.0) -> bool:
        """Whether the process has ended, or ends within `seconds`: a connection breaks before the exit is seen."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ready(self) -> Server:
        """Wait until the child serves; any server of it answers what needs no slot.

        Raises:
            ModelFileError: llama.cpp could not load the model or an adapter; the message quotes why.
            ModelError: the child ended for another reason; the message quotes the end of its log.
        """
        with self._lock:
            if self._failure:
                raise self._failure
            if not self._servers:
                try:
                    self._connect(self._address())
                except ModelError as error:
                    self._failure = error
                    raise
            return self._servers[0]

    def seat(self, slot: int) -> tuple[Server, int]:
        """Where a slot of `slots` is: its server, and its number there."""
        return (self._servers[slot], 0) if self.launch.apart else (self._servers[0], slot)

    def _another(self) -> bool:
        """Have one more server opened; False where there are as many as there may be, or none could be opened."""
        with self._opening:
            if self._full or len(self._servers) == self.launch.slots:
                return False
            self._tell("")
            report = self._told()
            if "address" not in report:
                self._full = True
                self._log.append(f"no further server could be opened: {report.get('error', 'the child is gone')}")
                return False
            self._connect(report["address"])
            return True

    def _connect(self, address: str) -> None:
        self._servers.append(Server(address, self._key, timeout=self.launch.timeout))

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        with suppress(OSError, ValueError):  # that the child died or was stopped shows where its answer is read
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def _told(self) -> dict[str, str]:
        """Read what the child says to a line; nothing when it is gone."""
        assert self._process.stdout
        try:
            said: dict[str, str] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            return {}
        return said

    def _address(self) -> str:
        report = self._told()
        if "address" in report:
            return report["address"]
        self.died(LAST_WORDS)
        self._reader.join(LAST_WORDS)
        told = next((line for line in self._log if _CAUSE.search(line)), "") or " / ".join(list(self._log)[-2:])
        adapter = next(
            (path for path in self.launch.adapters.values() if f"adapter '{path}'" in "".join(self._log)), None
        )
        if adapter:
            raise ModelFileError(
                f"adapter {adapter} could not be loaded beside {self.launch.model.name} ({told}): "
                "was it made for another base model? Train or convert it again"
            )
        if "error" in report and _CAUSE.search("".join(self._log)):
            file = self.launch.model
            raise ModelFileError(f"model file {file} could not be loaded ({told}): {mending(file)}")
        status = self._process.poll()
        reason = told or report.get("error") or "it left no log"
        raise ModelError(f"the engine could not start with {self.launch.model} (exit {status}): {reason}")

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines of the child's log."""
        return tuple(self._log)

    def _read_log(self) -> None:
        assert self._process.stderr
        with suppress(ValueError, OSError):
            for line in self._process.stderr:
                text = _STAMP.sub("", line.decode(errors="replace").strip())[:LOG_LINE]
                if text:
                    self._log.append(text)

    def stop(self) -> None:
        """End the process; requests in flight lose their connection."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()
        if not self.died(3.0):
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process and let go of its pipes and connections; twice is harmless."""
        assert self._process.stdout
        assert self._process.stderr
        self.stop()
        self._reader.join(2)
        with suppress(OSError, ValueError):
            self._process.stdout.close()
            self._process.stderr.close()
        for server in self._servers:
            server.close()
