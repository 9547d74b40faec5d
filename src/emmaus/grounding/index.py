"""A full-text index in one SQLite file. Beside store/ the only place that speaks SQL: a cache, not a record.

Built whole in a file of its own and moved into place in one step, so that a reader sees an index or none, and two
processes that build at once do no harm. A torn or foreign file is built again; a folder that cannot be written leaves
the index in memory.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

try:
    import pysqlite3 as sqlite
except ImportError:  # not on every platform; the system's SQLite has FTS5 nearly everywhere
    import sqlite3 as sqlite

FORMAT = 3
"""Counted up when the way texts are indexed changes, so that files built before are built again."""

REMEMBERED = 2000
"""Terms whose rows are kept in memory: a common word is slow to look up, and comes again."""

Rows: TypeAlias = Callable[[], Iterable[Sequence[str]]]
Matches: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64]]


class SearchFile:
    """Rows of texts, found by their words with BM25. Calls from any thread take turns."""

    def __init__(self, folder: Path, key: str, rows: Rows, weights: Sequence[float]) -> None:
        """Open the index `key` in `folder`; where there is none, build it from `rows`.

        A row is one text for each of `weights`, which say how much a word in it counts.
        """
        self._file = folder / f"search-{FORMAT}-{key}.db"
        self._rows = rows
        self._weights = [float(weight) for weight in weights]
        self._columns = [f"c{number}" for number in range(len(weights))]
        self._lock = Lock()
        self._found: dict[str, Matches] = {}
        self._connection = self._opened() or self._built()

    def matches(self, term: str) -> Matches:
        """Find the rows that have a term (a word in any ending): their numbers and BM25 scores, higher is better.

        The scores of several terms add up. What was found is remembered.
        """
        with self._lock:
            if term not in self._found:
                if len(self._found) >= REMEMBERED:
                    self._found.pop(next(iter(self._found)))
                self._found[term] = self._searched(term)
            return self._found[term]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _searched(self, term: str) -> Matches:
        try:
            return self._search(term)
        except sqlite.ProgrammingError:  # closed, which is no damage
            raise
        except sqlite.DatabaseError:  # damaged after it was opened
            self._connection.close()
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
            self._connection = self._built()
            return self._search(term)

    def _search(self, term: str) -> Matches:
        sql = f"SELECT rowid, -bm25(t, {', '.join(map(str, self._weights))}) FROM t WHERE t MATCH ?"
        found = self._connection.execute(sql, (f'"{term}"',)).fetchall()
        rows = np.fromiter((row for row, _ in found), np.int64, len(found))
        return rows, np.fromiter((score for _, score in found), np.float64, len(found))

    def _opened(self) -> Any | None:
        """Give a connection to a whole index, or None."""
        if not _whole(self._file):
            return None
        connection = None
        try:
            connection = sqlite.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            if connection.execute("PRAGMA user_version").fetchone() == (FORMAT,):
                connection.execute("SELECT rowid FROM t WHERE t MATCH 'a'").fetchone()
                return connection
        except sqlite.Error:
            pass
        if connection is not None:
            connection.close()
        return None

    def _built(self) -> Any:
        """Build the index beside its place and move it there; in memory where that cannot be done."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)
            os.close(handle)
        except OSError:
            return self._filled(":memory:")
        try:
            self._filled(name).close()
            os.replace(name, self._file)
        except (OSError, sqlite.Error):  # a full disk, most often
            return self._filled(":memory:")
        finally:
            Path(name).unlink(missing_ok=True)
        return self._opened() or self._filled(":memory:")

    def _filled(self, name: str) -> Any:
        connection = sqlite.connect(name, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        columns = ", ".join(self._columns)
        connection.execute(f"CREATE VIRTUAL TABLE t USING fts5({columns}, content='', tokenize='porter unicode61')")
        marks = ", ".join("?" for _ in self._columns)
        connection.executemany(f"INSERT INTO t(rowid, {columns}) VALUES (?, {marks})", _numbered(self._rows()))
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("COMMIT")
        return connection


def _numbered(rows: Iterable[Sequence[str]]) -> Iterator[tuple[Any, ...]]:
    return ((number, *texts) for number, texts in enumerate(rows))


def _whole(file: Path) -> bool:
    """Whether the file is as long as its own header says (bytes 16-17: page size, 28-31: pages)."""
    with suppress(OSError), file.open("rb") as data:
        header = data.read(32)
        if header.startswith(b"SQLite format 3\0") and len(header) == 32:
            size = int.from_bytes(header[16:18], "big")
            pages = int.from_bytes(header[28:32], "big")
            return file.stat().st_size == (65536 if size == 1 else size) * pages
    return False
