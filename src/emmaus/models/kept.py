"""Vectors that are dear to make, kept in a file of the cache and read from there the next time."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def kept(file: Path, rows: int, make: Callable[[], Floats]) -> Floats:
    """Read an array of so many rows from `file`, or make and keep it; a torn or foreign file is made again.

    `file` must be named by everything that the array depends on. A folder that cannot be written costs time at the next
    start, and nothing else.
    """
    found = _read(file, rows)
    if found is None:
        found = make()
        _write(file, found)
    return found


def _read(file: Path, rows: int) -> Floats | None:
    try:
        with file.open("rb") as handle:
            vectors: Floats = np.lib.format.read_array(handle, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = vectors.ndim == 2 and len(vectors) == rows and np.isfinite(vectors).all()
    return vectors if whole else None


def _write(file: Path, vectors: Floats) -> None:
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as handle:
            np.save(handle, vectors)
        os.replace(part, file)
    except OSError:
        with suppress(OSError):
            part.unlink()
