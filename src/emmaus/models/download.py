"""A model file from a server on the network: with progress, gone on with after a break, and checked before it counts.

What has come so far waits beside its place as `NAME.part`, with a note of where it came from (`NAME.part.json`). It is
gone on with only where the server says that it still has the same file (`If-Range`, RFC 9110, 13.1.5). A file of the
same name from another address has a place of its own; see `origins`.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from emmaus.errors import BadInput, Cancelled, EmmausError, ModelError, ModelFileError
from emmaus.models.checking import require_whole
from emmaus.models.origins import keep_origin, origin, part_note, placed
from emmaus.models.remote import SHA256, Broken, line_for, linked, located, mapped, mark, place, refused
from emmaus.store import lock
from emmaus.types import Progress
from emmaus.types.sizes import gigabytes

if TYPE_CHECKING:
    import httpx

    from emmaus.models.transport import Line

PIECE = 1 << 20
"""Bytes that are written at once."""
EVERY = 0.25
"""Seconds between two reports."""
LOOK = 1.0
"""Seconds between two looks whether the download is still wanted while its server is silent."""
TRIES = 3
"""Times in a row that a broken connection may bring nothing new."""
WAIT = 1.0
"""Seconds before that."""
CLAIM = 5.0
"""Seconds to wait for others who find their place in the same folder."""
SPARE = 256 << 20
"""Bytes that must stay free on the disk."""

Report = Callable[[Progress], None]


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class _Begun:
    """Where the bytes of a part came from."""

    url: str
    mark: str
    """The server's ETag, or the time of change, of the file; "" where it gave none that can be compared."""
    total: int
    """Bytes of the whole; 0 where the server did not say."""
    sha256: str
    """Hash that the hub names for the file; "" where it names none."""


def download(
    url: str,
    folder: Path,
    sha256: str | None = None,
    *,
    report: Report = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    free: Callable[[Path], int] = _free,
) -> Path:
    """Download a GGUF into a folder, or find it there; the same call again goes on where the last one broke off.

    `report` is told bytes, and bytes a second as `bytes_per_second`; what it raises ends the download, as `should_stop`
    does, and what came is kept; `should_stop` is asked in another thread too, while the server is silent. `free` says
    how many bytes a folder has room for.

    Raises:
        BadInput: the address, the name or `sha256` is none.
        Cancelled: it was stopped.
        HomeBusy: the same file is being downloaded already.
        ModelError: it cannot be had, in one sentence; nothing lies there that looks whole.
        ModelFileError: what came is not what was promised.
    """
    url, wanted = located(url, ""), (sha256 or "").strip().lower().removeprefix("sha256:")
    if wanted and not SHA256.fullmatch(wanted):
        raise BadInput(f"{sha256!r} is no SHA-256: expected 64 hexadecimal digits")
    with _claimed(folder, url) as file, _written(file):
        if file.exists():
            require_whole(file, wanted)
            return file
        fetch = _Fetch(url, file, wanted, report, should_stop, clock, free)
        failures = 0
        while True:
            before = fetch.have
            try:
                fetch.go_on()
                break
            except Broken as error:
                fetch.require_wanted()
                failures = 0 if fetch.have > before else failures + 1
                if failures == TRIES:
                    raise ModelError(_kept(url, fetch, str(error))) from error
                fetch.pause(sleep)
        return fetch.finish()


class _Fetch:
    """One download on its way."""

    def __init__(
        self,
        url: str,
        file: Path,
        wanted: str,
        report: Report,
        should_stop: Callable[[], bool],
        clock: Callable[[], float],
        free: Callable[[Path], int],
    ) -> None:
        self.url, self.file, self.wanted = url, file, wanted
        self.part = file.with_name(file.name + ".part")
        self.note = part_note(file)
        self.begun = self._noted()
        self._report, self._should_stop, self._clock, self._free = report, should_stop, clock, free
        self._started, self._first, self._told = clock(), self.have, float("-inf")

    @property
    def have(self) -> int:
        """Bytes that came so far."""
        try:
            return self.part.stat().st_size
        except OSError:
            return 0

    def go_on(self) -> None:
        """Fetch what is missing. Raises Broken where the connection breaks."""
        have = self.have
        if have and self.begun and self.begun.total == have:
            return
        headers = {"Accept-Encoding": "identity"}
        # Without a mark nobody could say that the rest belongs to the beginning: only the hash would, in the end.
        if have and self.begun and (self.begun.mark or self.wanted):
            headers["Range"] = f"bytes={have}-"
            if self.begun.mark:
                headers["If-Range"] = self.begun.mark
        line = line_for(self.url)
        with (
            mapped(self.url),
            line.client,
            self._watched(line),
            line.client.stream("GET", self.url, headers=headers, extensions={"trace": line.follow}) as answer,
        ):
            start = self._start(answer, have)
            self._require_room(start)
            with self.part.open("r+b" if start else "wb") as out:
                out.seek(start)
                out.truncate()
                for piece in answer.iter_bytes(PIECE):
                    out.write(piece)
                    start += len(piece)
                    self._tell(start)
        self.require_wanted()  # an end that was cut may look like one that came
        assert self.begun
        if self.begun.total and start < self.begun.total:
            raise Broken("it closed the connection before the end")

    def finish(self) -> Path:
        """Check what came, and give it its name; what is not what was promised is deleted."""
        assert self.begun
        total = self.have
        self._report(Progress(total, total, "checking", {"bytes_per_second": self._rate(total)}))
        try:
            if self.begun.total and total != self.begun.total:
                raise ModelFileError(
                    f"{self.url} promised {self.begun.total:,} bytes and sent {total:,}: try again, or another file"
                )
            require_whole(self.part, self.wanted or self.begun.sha256, self.url)
        except ModelFileError:
            self.part.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)
            raise
        with self.part.open("rb") as whole:
            os.fsync(whole.fileno())
        keep_origin(self.file, self.url)
        os.replace(self.part, self.file)
        self.note.unlink(missing_ok=True)
        return self.file

    def pause(self, sleep: Callable[[float], None]) -> None:
        """Wait before the connection is made again."""
        sleep(WAIT)
        self.require_wanted()

    def require_wanted(self) -> None:
        """Raise Cancelled, or whatever the asking raises, where the download is to stop."""
        if self._should_stop():
            raise Cancelled(f"the download of {self.file.name} was stopped at {gigabytes(self.have)}")

    @contextmanager
    def _watched(self, line: "Line") -> Iterator[None]:
        """Cut a connection, however silent its server is, once the download is to stop."""
        over = Event()

        def watch() -> None:
            while not over.wait(LOOK):
                try:
                    self.require_wanted()
                except Exception:  # raised again where the download is done, which asks once more
                    line.cut()
                    return

        watcher = Thread(target=watch, name="wanted", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _start(self, answer: "httpx.Response", have: int) -> int:
        """Byte from which the answer brings the file; a file that changed begins anew."""
        if answer.status_code == 206:
            start, total = place(answer.headers.get("content-range", ""))
            if start == have and self.begun and total in (0, self.begun.total):
                return have
            self._drop()
            raise Broken("it sent another part than was asked for")
        if answer.status_code == 416:
            self._drop()
            raise Broken("the file there changed")
        if answer.status_code != 200:
            raise refused(self.url, answer)
        total = int(answer.headers.get("content-length") or 0)
        self.begun = _Begun(self.url, mark(answer), total, linked(answer))
        self.note.write_text(json.dumps(asdict(self.begun)), encoding="utf-8")
        self._first = 0
        return 0

    def _require_room(self, start: int) -> None:
        assert self.begun
        missing, free = self.begun.total - start, self._free(self.file.parent)
        if missing + SPARE > free:
            raise ModelError(
                f"{self.file.name} needs {gigabytes(missing)} more on the disk and {gigabytes(free)} are free at "
                f"{self.file.parent}: free some, or choose a smaller model"
            )

    def _tell(self, done: int) -> None:
        self.require_wanted()
        now = self._clock()
        assert self.begun
        if now - self._told < EVERY and done != self.begun.total:
            return
        self._told = now
        rate = self._rate(done)
        values = {"bytes_per_second": rate}
        if self.begun.total and rate > 0:
            values["seconds_left"] = (self.begun.total - done) / rate
        self._report(Progress(done, self.begun.total or done, self.file.name, values))

    def _rate(self, done: int) -> float:
        return (done - self._first) / max(self._clock() - self._started, 1e-9)

    def _noted(self) -> _Begun | None:
        """Where the part that lies there came from; one that nobody knows of is dropped."""
        with suppress(OSError, ValueError, TypeError):
            return _Begun(**json.loads(self.note.read_text(encoding="utf-8")))
        self._drop()
        return None

    def _drop(self) -> None:
        self.begun = None
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


@contextmanager
def _claimed(folder: Path, url: str) -> Iterator[Path]:
    """Where an address's file belongs, for this download alone: noted before anybody else asks for the same name."""
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as claim:
        with lock(folder, "downloads", wait=CLAIM), _written(folder):
            file = placed(folder, url)
            claim.enter_context(lock(folder, f"{file.name[:100]}.download"))
            if not file.exists() and not origin(file):
                part_note(file).write_text(json.dumps(asdict(_Begun(url, "", 0, ""))), encoding="utf-8")
        try:
            yield file
        finally:
            if not file.with_name(file.name + ".part").exists():
                part_note(file).unlink(missing_ok=True)


@contextmanager
def _written(file: Path) -> Iterator[None]:
    """Say in a sentence that a file cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(f"the disk is full while {file} is written: free some, then run the same again") from error
        raise EmmausError(f"{file} cannot be written ({error.strerror or error}): choose another folder") from error


def _kept(url: str, fetch: _Fetch, why: str) -> str:
    total = fetch.begun.total if fetch.begun else 0
    came = f"{gigabytes(fetch.have)} of {gigabytes(total)}" if total else gigabytes(fetch.have)
    return f"{url} broke off ({why}); {came} are kept: run the same again to go on from there"
