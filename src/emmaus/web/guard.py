"""What stands between a browser and the pages: under which name, from which page, with how many bytes.

Who may come in is asked behind it (see door.py). Here no other web page may reach the program: not under a name that it
made point here (DNS rebinding), and not by sending a form or a script's request from elsewhere.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emmaus.web import problems

LARGEST_BODY = 64 * 1024
"""Bytes of a request: the longest question (6,000 characters) and the longest correction fit several times."""
LARGEST_TALK = 1024 * 1024
"""Bytes of a request to the gateway, whose clients send the whole conversation each time."""
NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""The only names under which this computer is asked for itself."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Sent with every answer that does not set them itself."""


@dataclass(frozen=True, slots=True)
class Front:
    """How the program is reached from outside."""

    shared: bool = False
    """Whether people have accounts; else whoever has the one-time link is the person at this computer."""
    names: frozenset[str] = NAMES
    """The host names that it answers to."""
    url: str | None = None
    """Where people find it, if a proxy stands before it: scheme, host and port."""

    def origin(self, scope: Scope) -> str:
        """The origin of the program's own pages, as the browser of this request sees it."""
        host = Headers(scope=scope).get("host", "")
        if self.url and urlsplit(self.url).netloc.casefold() == host.casefold():
            return self.url
        return f"{scope['scheme']}://{host}"

    def cookie(self, scope: Scope) -> str:
        """The name of the session's cookie. It carries the port: cookies do not tell ports apart, programs here do."""
        secure = self.origin(scope).startswith("https://")
        return f"{'__Host-' if secure else ''}emmaus-{address(Headers(scope=scope))[1]}"


class Guard:
    """An ASGI layer that refuses strangers, bounds bodies and adds the security headers."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self.app = app
        self.front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the sentence that says why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        refusal = _refusal(scope, Headers(scope=scope), self.front)
        if refusal is not None:
            status, sentence = refusal
            program = problems.is_program(scope["path"])
            told = problems.told(scope["path"], problems.of_status(status), sentence) if program else None
            answer = told or PlainTextResponse(sentence, status)
            await answer(scope, receive, dressed)
            return
        await self.app(scope, _bounded(receive, _largest(scope)), dressed)


def bearer(scope: Scope) -> str | None:
    """The key that a program sends with a request; None where it sends none, or asks for a page."""
    if not problems.is_program(scope["path"]) and scope["path"] != "/metrics":
        return None
    kind, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
    return key.strip() if kind.casefold() == "bearer" else None


def forged(scope: Scope) -> bool:
    """Whether another site could have sent this, for all that its headers tell: a form, by a browser of old.

    A script of another site cannot send JSON, or a key, without asking first (CORS), and is told nothing.
    """
    headers = Headers(scope=scope)
    kind = headers.get("content-type", "").partition(";")[0].strip().casefold()
    json = kind.startswith("application/") and kind.endswith(("/json", "+json"))
    told = headers.get("origin") is not None or headers.get("sec-fetch-site") is not None
    return not (scope["method"] in READING or json or told or bearer(scope) is not None)


def address(headers: Headers) -> tuple[str | None, int]:
    """Name and port that the caller asked for."""
    try:
        asked = urlsplit(f"//{headers.get('host', '')}")
        return asked.hostname, asked.port or 80
    except ValueError:
        return None, 80


def _largest(scope: Scope) -> int:
    return LARGEST_TALK if scope["path"].startswith(problems.GATEWAY) else LARGEST_BODY


def _refusal(scope: Scope, headers: Headers, front: Front) -> tuple[int, str] | None:
    """Status and sentence for a request that must not pass, else None."""
    if address(headers)[0] not in front.names:
        if front.shared:
            return 421, "Emmaus does not answer to this name: whoever runs it can add it with emmaus up --shared --name"
        return 421, "Emmaus answers to this computer's own name only: open it as http://localhost with its port"
    largest = _largest(scope)
    if not headers.get("content-length", "0").isdecimal() or int(headers.get("content-length", "0")) > largest:
        return 413, f"the request is too long: at most {largest // 1024} KiB are taken"
    if scope["method"] in READING or bearer(scope) is not None:
        return None
    own = front.origin(scope)
    if headers.get("origin", own) != own or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return 403, "this request came from another site, so it was refused: use Emmaus's own page"
    return None


def _bounded(receive: Receive, largest: int) -> Receive:
    """Pass on a body until it grows too long, whatever length it was announced with."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            raise HTTPException(413, f"the request is too long: at most {largest // 1024} KiB are taken")
        return message

    return bounded
