"""Every request passes here: it is told who sends it, or is turned away with a sentence and the way in."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from secrets import compare_digest
from urllib.parse import parse_qs, quote

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emmaus.accounts import links
from emmaus.errors import EmmausError, NotAllowed, NotSignedIn, TooOften
from emmaus.types import Post
from emmaus.web.door import NOBODY, Door, Kind, Visit, seen
from emmaus.web.guard import NAMES, READING, address, bearer, forged
from emmaus.web.pressing import pressing
from emmaus.web.problems import is_program

OPEN = ("/static/", "/sign-in/", "/invitation/", "/problems/")
OPEN_PAGES = frozenset({"/healthz", "/readyz", "/sign-in", "/sign-out"})
"""What is answered to everybody."""
THREADS = 8
"""Requests that are looked up at once, beside the threads in which answers stream."""
LOST = "this link was opened before, or is too old: make another one with emmaus link, in the terminal"
UNSURE = "this form does not say which page sent it: reload the page and send it again; programs send JSON, and a key"
PATHS: tuple[tuple[str, Kind], ...] = (
    ("/api/chat/", "chat"),
    ("/v1/chat/", "chat"),
    ("/api/rate", "rating"),
    ("/api/feedback", "rating"),
)
"""Which requests count as what, if they change something; all others of programs are counted together."""

Refused = Callable[[Request, EmmausError], Response]


class Entry:
    """An ASGI layer that puts the `Person` into `request.state.person`; None on pages that are open to everybody."""

    def __init__(self, app: ASGIApp, door: Door, refused: Refused) -> None:
        self.app = app
        self.door = door
        self._refused = refused
        self._threads = CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            met = await to_thread.run_sync(self._met, request, limiter=self._threads)
            if not isinstance(met, Response) and forged(scope):
                receive = await _vouched(request, receive, met)
            if not isinstance(met, Response) and met.late:
                receive = await _let_through(request, receive, met.late)
        except EmmausError as error:
            met = self._refused(request, error)
        except HTTPException as error:
            met = Response(str(error.detail), error.status_code, media_type="text/plain")
        if isinstance(met, Response):
            await met(scope, receive, send)
            return
        seen(met)
        scope.setdefault("state", {}).update(person=met.person, visit=met)
        await self.app(scope, receive, send)

    def _met(self, request: Request) -> Visit | Response:
        """Say whose request this is, or answer it right here."""
        key, path = bearer(request.scope), request.url.path
        if key is not None:
            return self._counted(self.door.by_key(key), request)
        opened = path in OPEN_PAGES or path.startswith(OPEN)
        token = self.door.token(request)
        try:
            visit = self.door.by_session(token) if token else Visit(shared=self.door.front.shared)
        except EmmausError:
            if not opened:
                raise
            visit = Visit(shared=self.door.front.shared)
        if request.method == "GET" and "token" in request.query_params and not is_program(path):
            return self._linked(request, visit)
        if visit.person is not None:
            return self._counted(visit, request)
        if opened or (path == "/metrics" and _from_here(request)):
            return visit
        return self._turned_away(request)

    def _linked(self, request: Request, visit: Visit) -> Response:
        """Open a one-time link: the session's cookie, and the page without the token in its address."""
        clean = RedirectResponse(quote(safe(request.url.path)), 303)
        if visit.person is not None:
            return clean
        token = request.query_params["token"]
        if self.door.front.shared or not links.use(self.door.store, token, clock=self.door.clock):
            raise NotSignedIn(LOST)
        self.door.admit(request, clean, None)
        return clean

    def _counted(self, visit: Visit, request: Request) -> Visit:
        person = visit.person
        assert person is not None
        path, changes = request.url.path, request.method not in READING
        kind: Kind | None = next((kind for start, kind in PATHS if changes and path.startswith(start)), None)
        if kind is None and is_program(path):
            kind = "api"
        try:
            if kind is not None:
                self.door.pace(kind, person)
        except TooOften as error:
            if kind != "chat":
                raise
            visit = replace(visit, late=error)  # what is asked is read first: no limit withholds help
        if path == "/metrics" and not _from_here(request) and not person.has(Post.MAINTAINER):
            raise NotAllowed("the metrics are for a key with the right 'desk': emmaus key add prometheus --right desk")
        return visit

    def _turned_away(self, request: Request) -> Response:
        path = request.url.path
        if is_program(path) or request.method not in READING:
            raise NotSignedIn(f"{NOBODY}: reload the page, or send a key (Authorization: Bearer emm_...)")
        headers = request.headers
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate":
            return onward(quote(request.url.path), request.url.query)
        if self.door.front.shared and path != "/metrics":
            following = f"{path}?{request.url.query}" if request.url.query else path
            return RedirectResponse(f"/sign-in?next={quote(following, safe='')}", 303)
        raise NotSignedIn(f"{NOBODY}: open the link that stands in the terminal, or make one there with emmaus link")


def onward(path: str, query: str = "") -> Response:
    """Go on to a page of ours, as from a page of ours.

    Whoever follows a link from another site comes without their cookie, which is SameSite=Strict; from here with it.
    """
    where = escape(f"{safe(path)}?{query}" if query else safe(path), quote=True)
    return Response(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={where}">'
        f'<title>Emmaus</title><p><a href="{where}">Go on</a></p></html>',
        media_type="text/html",
    )


def safe(path: str) -> str:
    """A path of this program, whatever was asked for: never one that a browser takes for another site's."""
    wrong = not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(letter) < 33 for letter in path)
    return "/" if wrong else path


def _from_here(request: Request) -> bool:
    """Whether a program on this computer asks, and no proxy for another one."""
    handed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    by = request.client.host if request.client else ""
    return by in NAMES and address(request.headers)[0] in NAMES and not handed_on


async def _vouched(request: Request, receive: Receive, visit: Visit) -> Receive:
    """Read a form that may be another site's, and require that it carries what only our page knows.

    Raises:
        NotAllowed: it does not.
    """
    body = await request.body()
    given = parse_qs(body.decode("utf-8", "replace")).get("csrf", [""])[0]
    if not visit.csrf or not compare_digest(given.encode(), visit.csrf.encode()):
        raise NotAllowed(UNSURE)
    return _again(body, receive)


async def _let_through(request: Request, receive: Receive, late: TooOften) -> Receive:
    """Read a question that comes too soon, and pass it on only if it shows somebody in danger.

    Raises:
        TooOften: it does not.
    """
    body = await request.body()
    if not await to_thread.run_sync(pressing, request.url.path, body):
        raise late
    return _again(body, receive)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, then what follows it."""
    first = True

    async def again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
