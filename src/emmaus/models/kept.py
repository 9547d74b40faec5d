"""Vectors that are dear to make, kept in a file of the cache and read from there the next time."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emmaus.packs.kept import keep_bytes, kept_bytes

Floats = NDArray[np.float32]


def kept(file: Path, shape: tuple[int, int | None], make: Callable[[], Floats]) -> Floats:
    """Read an array from `file`, or make and keep it; a torn or foreign file is made again.

    `shape` is rows and columns, any number of these where it is None. `file` must be named by everything that the
    array depends on. A folder that cannot be written costs time at the next start, and nothing else.
    """
    found = _read(file, shape)
    if found is None:
        found = make()
        keep_bytes(file, _written(found))
    return found


def _read(file: Path, shape: tuple[int, int | None]) -> Floats | None:
    body = kept_bytes(file)
    if body is None:
        return None
    vectors: Floats = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
    rows, columns = shape
    whole = vectors.ndim == 2 and vectors.shape == (rows, columns or vectors.shape[1]) and np.isfinite(vectors).all()
    return vectors if whole else None


def _written(vectors: Floats) -> bytes:
    body = io.BytesIO()
    np.lib.format.write_array(body, vectors, allow_pickle=False)
    return body.getvalue()
