"""The file itself: the driver, the settings of a connection, transactions, and what every failure means in words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from emmaus.errors import BadInput, StoreError
from emmaus.store.schema import compact

try:
    # SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when it is reset while it is written; system libraries are older.
    from pysqlite3 import dbapi2 as driver
except ImportError:
    import sqlite3 as driver

PATIENCE = 15.0
"""Seconds to wait for another process that is writing: longer than a VACUUM of a million conversations takes."""
CONNECTIONS = 32
"""Kept open; more are opened where more threads read at once, and closed again, which takes longer than most reads."""
_TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
"""Whose turn it is to write, among the threads of this process: SQLite lets them try again and again, and whoever is
unlucky waits a second."""

# SQLite's primary result codes, https://www.sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
_MEANING = {
    _BUSY: "{path} is locked by another process that did not finish: end that process, then try again",
    _LOCKED: "{path} is locked by another process that did not finish: end that process, then try again",
    _READONLY: "{path} cannot be written: make it and its folder writable (chmod u+w), or choose another with --home",
    _IOERR: "{path} could not be read or written ({detail}): check the disk and its free space, then try again",
    _CORRUPT: "{path} is damaged ({detail}): move it away and put a backup in its place",
    _FULL: "the disk that holds {path} is full: free some space, then try again (nothing stored before was lost)",
    _CANTOPEN: "{path} cannot be opened: make it and its folder readable and writable, or choose another with --home",
    _NOTADB: "{path} is not a database of Emmaus: move it away, or choose another folder with --home",
}


def connect(path: Path, patience: float = PATIENCE) -> Engine:
    """Make an engine on the file at `path`; a new file can be read by its owner only.

    Raises:
        StoreError: the file or its folder cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never an existing file: closing it would take away the locks that SQLite holds on it in this process.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{path.parent} is not a folder: choose another home with --home") from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened ({error.strerror}): make the folder writable, or choose another with --home"
        ) from error
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        module=driver,
        connect_args={"timeout": patience, "check_same_thread": False},
        pool_size=CONNECTIONS,
        max_overflow=-1,
        hide_parameters=True,  # they are people's words, and an exception's text may end in a log
        json_serializer=compact,
    )
    _TURNS[engine] = Lock()
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin`, not where the driver guesses
    for setting in ("foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    # A write takes its lock at once: a read that later turns into a write would fail without waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the file."""
    with in_words(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it is kept, or nothing."""
    with queued(engine), in_words(engine), engine.connect() as opened:
        connection = opened.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def noting(engine: Engine) -> Iterator[Connection]:
    """One transaction that waits for nobody, in this process or another.

    Raises:
        StoreError: somebody writes at this moment.
    """
    with queued(engine, patience=0.0), in_words(engine), engine.connect() as opened:
        raw: Any = opened.connection.driver_connection
        (patience,) = raw.execute("PRAGMA busy_timeout").fetchone()
        raw.execute("PRAGMA busy_timeout=0")
        try:
            connection = opened.execution_options(writes=True)
            with connection.begin():
                yield connection
        finally:
            raw.execute(f"PRAGMA busy_timeout={patience}")  # others use this connection after us


@contextmanager
def queued(engine: Engine, patience: float = PATIENCE) -> Iterator[None]:
    """The turn of this thread to write, among those of this process.

    Raises:
        StoreError: it did not come within so many seconds.
    """
    if not _TURNS[engine].acquire(timeout=patience):
        raise StoreError(_MEANING[_BUSY].format(path=engine.url.database))
    try:
        yield
    finally:
        _TURNS[engine].release()


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """Turn whatever the driver raises into one sentence that names the file and the fix.

    Raises:
        StoreError: the file cannot be read or written.
        BadInput: a value that no database can hold.
    """
    try:
        yield
    except IntegrityError as error:
        raise StoreError(_broken_rule(str(error.orig))) from error
    except DBAPIError as error:
        raise StoreError(sentence(engine, error.orig)) from error
    except driver.Error as error:
        raise StoreError(sentence(engine, error)) from error
    except UnicodeEncodeError as error:
        raise BadInput(
            f"the text {error.object[:40]!r} is not valid Unicode: remove the lone surrogate in it"
        ) from error
    except OverflowError as error:
        raise BadInput("a number of this record is larger than 64 bits: give a smaller one") from error


def sentence(engine: Engine, error: BaseException | None) -> str:
    """Say what went wrong with the file of this engine, and what mends it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    unknown = "{path} refused what was asked ({detail}): if this comes again, please report it"
    return _MEANING.get(code, unknown).format(path=engine.url.database, detail=error)


def _broken_rule(detail: str) -> str:
    if "FOREIGN KEY" in detail:
        return "this record names another that the store does not hold (any more): add that one first"
    if "adapters.character" in detail:
        return "this character already has an adapter of that version: versions are never reused, give the next one"
    return f"this record contradicts one that is stored ({detail}): give it an id of its own"
