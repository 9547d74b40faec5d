"""Serve the pages on this computer."""

import errno
import socket
import sys
import webbrowser
from contextlib import suppress
from threading import Thread

import uvicorn

from emmaus.api import Emmaus
from emmaus.errors import BadInput, EmmausError
from emmaus.web.app import create_app
from emmaus.web.guard import NAMES

LAST_PORT = 65535
PAGE_FIRST = 3.0
"""Seconds in which the first page has the cores to itself, before background work that was left is taken up."""


def serve(
    home: Emmaus, *, host: str = "127.0.0.1", port: int = 8000, open_browser: bool = True, jobs: bool = True
) -> None:
    """Serve until Ctrl-C, at an address of this computer's own: whoever reaches the port is the person who sits at it.

    With `jobs` the home's background work is done meanwhile.

    Raises:
        BadInput: the host can be reached from outside, or there is no such port.
        EmmausError: another program uses the port.
    """
    with listening(host, port) as door:
        # By number where it listens at ::1: the name may lead to 127.0.0.1 first, and to whoever listens there.
        address = f"http://{'[::1]' if ':' in host else 'localhost'}:{door.getsockname()[1]}"
        sys.stdout.write(f"Emmaus is at {address} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        Thread(target=_warm, args=(home,), daemon=True).start()
        if jobs:
            home.background(after=PAGE_FIRST)
        if open_browser:
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        config = uvicorn.Config(
            create_app(home), log_level="warning", lifespan="off", server_header=False, timeout_graceful_shutdown=3
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])


def _warm(home: Emmaus) -> None:
    """Prepare what the first question needs, the search index above all, while its reader still chooses whom to ask."""
    with suppress(EmmausError):
        home.parts.scene(next(iter(home.parts.pack.characters)))


def listening(host: str, port: int) -> socket.socket:
    """Take the port, before anything is started. Raises as `serve` does."""
    if not 0 <= port <= LAST_PORT:
        raise BadInput(f"there is no port {port}: emmaus up --port 8000")
    if host not in NAMES:
        # The guard is none against other computers: a program there sends whatever name it likes.
        way = f"{port or 8000}:127.0.0.1:{port or 8000}"
        raise BadInput(
            f"cannot serve at {host!r}: there are no accounts, so Emmaus listens at 127.0.0.1 or ::1 only; "
            f"leave --host out, and on the other computer run: ssh -L {way} THIS_COMPUTER"
        )
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise EmmausError(f"port {port} is used by another program: emmaus up --port {port + 1}") from None
        if error.errno == errno.EACCES:
            raise BadInput(f"port {port} is reserved for the system: emmaus up --port 8000") from None
        raise BadInput(f"cannot serve at {host} ({error.strerror or error}): leave --host out") from None
