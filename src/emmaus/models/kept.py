"""Vectors that are dear to make, kept in a file of the cache and read from there the next time."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def kept(file: Path, shape: tuple[int, int | None], make: Callable[[], Floats]) -> Floats:
    """Read an array from `file`, or make and keep it; a torn or foreign file is made again.

    `shape` is rows and columns, any number of these where it is None. `file` must be named by everything that the
    array depends on. A folder that cannot be written costs time at the next start, and nothing else.
    """
    found = _read(file, shape)
    if found is None:
        found = make()
        _write(file, found)
    return found


def _read(file: Path, shape: tuple[int, int | None]) -> Floats | None:
    try:
        with file.open("rb") as handle:
            vectors: Floats = np.lib.format.read_array(handle, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    rows, columns = shape
    whole = vectors.ndim == 2 and vectors.shape == (rows, columns or vectors.shape[1]) and np.isfinite(vectors).all()
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
