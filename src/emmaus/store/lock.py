"""Advisory locks between processes: one file each in the home's `locks` folder, freed by the kernel with its holder."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emmaus.errors import HomeBusy, StoreError

POLL = 0.05
"""Seconds between two tries for a lock. `held` takes it for an instant to look, so nobody gives up at the first try."""


@contextmanager
def lock(home: Path, name: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock `name` of this home, alone among all processes and threads.

    A holder that dies, however it dies, frees its locks. A forked child that inherited the open file keeps it; programs
    started with `subprocess` do not inherit it.

    Args:
        home: The data folder.
        name: Letters, digits, dots and dashes.
        wait: Seconds to wait for another holder before giving up.

    Raises:
        HomeBusy: another process or thread holds it.
        StoreError: the lock file cannot be written.
    """
    descriptor = _open(home, name)
    try:
        until = time.monotonic() + max(wait, 2 * POLL)
        while not _take(descriptor):
            if time.monotonic() >= until:
                raise HomeBusy(
                    f"{_holder(descriptor)} is already doing this work ({name}) in {home}: "
                    "wait until it is done, or stop it and try again"
                )
            time.sleep(POLL)
        # Only for the sentence above: a full disk must not keep anybody from their lock.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def held(home: Path, name: str) -> bool:
    """Whether any process or thread holds the lock `name` at this moment."""
    try:
        descriptor = os.open(home / "locks" / name, os.O_RDONLY)  # in a home that may only be read, too
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _open(home: Path, name: str) -> int:
    folder = home / "locks"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot write {folder / name} ({error.strerror}): make the folder writable, or choose another with --home"
        ) from error


def _holder(descriptor: int) -> str:
    process = os.pread(descriptor, 20, 0).decode(errors="replace").strip() if hasattr(os, "pread") else ""
    return f"process {process}" if process.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        # flock, not lockf: it belongs to the open file, so two threads exclude each other too.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
