"""The first page, opened in a browser of this computer, and nobody else told the way in."""

import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from threading import Thread

SNAPS = Path("/snap/bin")
"""Where Ubuntu keeps the programs that are confined, Firefox and Chromium among them."""
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={where}">'
    '<title>Emmaus</title><p><a href="{where}">Go on to Emmaus</a></p></html>'
)


@contextmanager
def opened(folder: Path, port: int, address: str) -> Iterator[None]:
    """Open an address in the browser, by way of a file in this folder that is there while the block lasts.

    The address lets in whoever has it, and everybody on this computer can read with which arguments a browser is
    started. So it is given a file that only we can read, and that leads there (Jupyter does the same).
    """
    file = (
        _readable(folder.absolute()) / f"emmaus-open-{port}.html"
    )  # by the port, so that one that was left by a kill is replaced
    with suppress(OSError):  # where nothing can be written no browser opens; the address is printed too
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as page:
            page.write(PAGE.format(where=escape(address, quote=True)))
        Thread(target=webbrowser.open, args=(file.as_uri(),), daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _readable(folder: Path) -> Path:
    """The folder itself; where browsers come as snaps, which read no hidden folder, the person's home in its place."""
    hidden = any(part.startswith(".") for part in folder.parts)
    return Path.home() if hidden and SNAPS.is_dir() else folder
