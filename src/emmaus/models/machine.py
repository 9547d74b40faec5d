"""How much memory this computer has for a model, and of which kind."""

import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emmaus.types.sizes import gigabytes

PATIENCE = 5.0
"""Seconds that a system's own command has."""
VIDEO = ("nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits")
SHARE = 0.75
"""How much of a unified memory the graphics processor may take, as macOS allows it by default."""

Run = Callable[[Sequence[str]], str]
"""Gives what a command prints; "" where there is none or it fails."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes. What other programs hold now is left out of what is free."""

    memory: int
    free: int
    video: int = 0
    """Memory of the graphics cards, all together; 0 where there is none that is known."""
    video_free: int = 0
    graphics: str = ""
    """What they are called."""
    unified: bool = False
    """Whether the graphics processor shares the memory."""

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        said = f"{gigabytes(self.free)} of {gigabytes(self.memory)} memory free"
        if self.unified:
            return f"{said}, shared with the graphics of {self.graphics}"
        return f"{said}, {gigabytes(self.video)} on {self.graphics}" if self.video else f"{said}, no graphics card"


def machine(*, run: Run | None = None, root: Path = Path("/")) -> Machine:
    """Look at this computer; what cannot be found out counts as not there.

    `run` and `root` (of the files that Linux tells its memory in) are passed in for tests.
    """
    run = run or _run
    memory, free = _memory(run, root)
    cards = [card for line in run(VIDEO).splitlines() if (card := _card(line))]
    if cards:
        names = ", ".join(dict.fromkeys(name for name, _, _ in cards))
        return Machine(memory, free, sum(card[1] for card in cards), sum(card[2] for card in cards), names)
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return Machine(memory, free, round(SHARE * memory), round(SHARE * free), "Apple silicon", unified=True)
    return Machine(memory, free)


def _card(line: str) -> tuple[str, int, int] | None:
    """Name and mebibytes of one line of nvidia-smi; None where it is none (a card may tell no memory: `[N/A]`)."""
    name, _, numbers = line.partition(",")
    with suppress(ValueError):
        total, free = (int(number) << 20 for number in numbers.split(","))
        return name.strip(), total, free
    return None


def _memory(run: Run, root: Path) -> tuple[int, int]:
    """Bytes in all, and free now."""
    with suppress(OSError, KeyError, ValueError):
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        told = {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in lines)}
        total, free = told["MemTotal"], told["MemAvailable"]
        with suppress(OSError, ValueError):  # a container may have less; "max" is no number
            limit = int((root / "sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
            used = int((root / "sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
            total, free = min(total, limit), min(free, max(0, limit - used))
        return total, free
    if sys.platform == "win32":
        return _windows()
    with suppress(ValueError):
        total = int(run(("sysctl", "-n", "hw.memsize")))
        return total, total  # macOS hands memory out that it can take back: what is free says little
    return 0, 0


def _windows() -> tuple[int, int]:
    if sys.platform != "win32":
        return 0, 0
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX of sysinfoapi.h."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "pages", "left", "space", "unused", "more")),
        )

    status = Status()
    status.length = ctypes.sizeof(Status)
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total), int(status.free)


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout
