"""Vectors of verses, and the one file form in which they ship with a pack or wait in the cache.

Knows nothing about models. A file is a NumPy archive: int8 rows, a prior, and a line about itself that names
what it belongs to and carries the SHA-256 of the rest, so that a torn or foreign file is never used.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emmaus.packs.kept import write_whole

Floats = NDArray[np.float32]

FORMAT = 1
"""Counted up when vectors are made in another way, so that files made before are made again."""
BESIDE = (0.5, 0.2)
"""How much of its neighbours one and two verses away goes into a verse: a thought rarely ends with a verse."""
_LEVELS = 127


@dataclass(frozen=True, slots=True)
class Vectors:
    """One unit vector a verse, shape (verses, dimensions), and what speaks for a verse whatever is asked."""

    rows: Floats
    prior: Floats
    """How much a verse is quoted, 0 for one that nobody knows by heart; shape (verses,)."""
    embedder: str
    """Name of the embedder that maps questions into the same space."""
    texts: str
    """Hash of the texts that the verses are from."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.rows.shape[1])


def unit(rows: NDArray[np.generic]) -> Floats:
    """Scale every row to length one; a row of zeros stays."""
    found = np.array(rows, dtype=np.float32)
    found /= np.maximum(np.sqrt(np.einsum("ij,ij->i", found, found)), 1e-9)[:, None]
    return found


def in_context(rows: Floats, verses: Sequence[str]) -> Floats:
    """Mix every verse with its neighbours within the chapter (`BESIDE`); `verses` are their canonical spellings."""
    chapters = np.array([hash(verse.rpartition(":")[0]) for verse in verses])
    mixed = rows.copy()
    for distance, weight in enumerate(BESIDE, 1):
        same = (chapters[distance:] == chapters[:-distance])[:, None]
        mixed[distance:] += weight * same * rows[:-distance]
        mixed[:-distance] += weight * same * rows[distance:]
    return unit(mixed)


def save(file: Path, vectors: Vectors) -> None:
    """Write vectors in one step; OSError where the folder cannot be written."""
    arrays: dict[str, NDArray[Any]] = {"rows": _rounded(vectors.rows), "prior": vectors.prior.astype(np.float16)}
    about = {"format": FORMAT, "embedder": vectors.embedder, "texts": vectors.texts, "sha256": _sum(arrays)}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:  # not np.savez: its entries carry the time of day
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    write_whole(file, body.getvalue())
    file.chmod(0o644)  # it may ship


def load(file: Path, texts: str, count: int) -> Vectors | None:
    """Read the vectors of `count` verses of the texts with this hash; None where there are none or they are harmed."""
    with suppress(OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile):
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ("rows", "prior")}
            about = json.loads(archive["about"].tobytes())
        whole = about["format"] == FORMAT and about["texts"] == texts and about["sha256"] == _sum(arrays)
        if whole and all(len(array) == count for array in arrays.values()):
            return Vectors(unit(arrays["rows"]), arrays["prior"].astype(np.float32), str(about["embedder"]), texts)
    return None


def as_kept(vectors: Vectors) -> Vectors:
    """Round vectors as a file does, so that answers are the same before and after."""
    prior = vectors.prior.astype(np.float16).astype(np.float32)
    return Vectors(unit(_rounded(vectors.rows)), prior, vectors.embedder, vectors.texts)


def _rounded(rows: Floats) -> NDArray[np.int8]:
    largest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.round(rows * (_LEVELS / largest)), dtype=np.int8)


def _sum(arrays: dict[str, NDArray[Any]]) -> str:
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(name.encode() + str(arrays[name].shape).encode())
        found.update(np.ascontiguousarray(arrays[name]).data)
    return found.hexdigest()
