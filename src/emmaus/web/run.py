"""Serve the pages on this computer."""

import errno
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from threading import Thread
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from emmaus.api import Emmaus
from emmaus.errors import BadInput, EmmausError
from emmaus.web.app import create_app
from emmaus.web.door import Door
from emmaus.web.guard import NAMES, Front
from emmaus.web.opening import opened

LAST_PORT = 65535
PAGE_FIRST = 3.0
"""Seconds in which the first page has the cores to itself, before background work that was left is taken up."""
TURN = 0.001
"""Seconds after which a thread that computes lets another go on: where many answers are on their way, Python's own 5 ms
are felt in every click."""
GRACE = 3
"""Seconds that answers on their way are given when serving ends."""
ANYWHERE = frozenset({"0.0.0.0", "::", ""})
"""Not an address, but all of this computer's."""


def serve(
    home: Emmaus,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    open_browser: bool = True,
    jobs: bool = True,
    shared: bool = False,
    names: Sequence[str] = (),
) -> None:
    """Serve until Ctrl-C.

    At an address of this computer's own: whoever opens the one-time link is the person who sits at it. Or `shared`, for
    people with accounts, under these host names and the one of `EMMAUS_PUBLIC_URL`.

    With `jobs` the home's background work is done meanwhile.

    Raises:
        BadInput: the host can be reached from outside and there are no accounts, or people could not reach it under
            any name; or there is no such port.
        EmmausError: another program uses the port.
    """
    if names and not shared:
        raise BadInput("a name to be reached under needs accounts: emmaus up --shared --name " + names[0])
    with listening(host, port, shared=shared) as listener:
        port = listener.getsockname()[1]
        # By number where it listens at ::1: the name may lead to 127.0.0.1 first, and to whoever listens there.
        address = f"http://{'[::1]' if host == '::1' else 'localhost'}:{port}"
        door = Door(home, _front(home, host, names) if shared else None)
        app = create_app(home, door)
        if shared:
            address = _public(door, address, port, names)
            _say(f"Emmaus is at {address} (Ctrl-C ends it)")
            if not address.startswith("https://") and host not in NAMES:
                _say("Passwords travel unencrypted: put a proxy with https before it, and set EMMAUS_PUBLIC_URL")
            if first := door.first():
                address += first
                _say(f"Nobody has an account yet. This link makes the first admin, once: {address}")
        else:
            address += door.link()
            _say(f"Emmaus is at {address} (once; Ctrl-C ends it)")
        Thread(target=_warm, args=(home,), daemon=True).start()
        if jobs:
            home.background(after=PAGE_FIRST)
        with suppress(KeyboardInterrupt), opened(home.parts.path, port, address) if open_browser else nullcontext():
            _server(app).run(sockets=[listener])


@contextmanager
def serving(home: Emmaus, front: Front | None = None) -> Iterator[tuple[str, Door]]:
    """Serve as `serve` does, in a thread and at a free port, as long as the block lasts; gives address and door.

    Does no background work, and says nothing.
    """
    door = Door(home, front)
    with listening("127.0.0.1", 0) as listener:
        server = _server(create_app(home, door))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", door
        finally:
            server.should_exit = True
            thread.join()


def _server(app: FastAPI) -> uvicorn.Server:
    sys.setswitchinterval(TURN)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", server_header=False, timeout_graceful_shutdown=GRACE
    )
    return uvicorn.Server(config)


def _front(home: Emmaus, host: str, names: Sequence[str]) -> Front:
    """The names that a shared program answers to."""
    url = home.settings.public_url
    named = {name.casefold() for name in names} | ({urlsplit(url).hostname or ""} if url else set())
    if host not in ANYWHERE | NAMES:
        named.add(host.casefold())
    if not named and host not in NAMES:
        raise BadInput(
            f"people cannot reach Emmaus at {host!r} without a name: add --name HOST.NAME to emmaus up --shared, "
            "or set EMMAUS_PUBLIC_URL"
        )
    return Front(shared=True, names=NAMES | named, url=url)


def _public(door: Door, here: str, port: int, names: Sequence[str]) -> str:
    """Where people find a shared program."""
    return door.front.url or (f"http://{names[0]}:{port}" if names else here)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _warm(home: Emmaus) -> None:
    """Prepare what the first question needs, the search index above all, while its reader still chooses whom to ask."""
    with suppress(EmmausError):
        home.parts.scene(next(iter(home.parts.pack.characters)))


def listening(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Take the port, before anything is started. Raises as `serve` does."""
    if not 0 <= port <= LAST_PORT:
        raise BadInput(f"there is no port {port}: emmaus up --port 8000")
    if host not in NAMES and not shared:
        # The guard is none against other computers: a program there sends whatever name it likes.
        way = f"{port or 8000}:127.0.0.1:{port or 8000}"
        raise BadInput(
            f"cannot serve at {host!r}: without accounts Emmaus listens at 127.0.0.1 or ::1 only; leave --host out, "
            f"and on the other computer run: ssh -L {way} THIS_COMPUTER - or give people accounts: emmaus up --shared"
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
