"""What stands between a browser and the pages: who may call, from which page, with how many bytes.

There are no accounts: whoever reaches the port is the person at this computer. So no other web page may reach it, not
under a name that it made point here (DNS rebinding), and not by sending a form or a script's request from elsewhere.
"""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
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


class Guard:
    """An ASGI layer that refuses strangers, bounds bodies and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._secret = secrets.token_urlsafe(24)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the sentence that says why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # Cookies do not tell ports apart: two programs on this computer would take each other's.
        cookie = f"emmaus-{_address(headers)[1]}"
        # The standard library's parser gives up on all cookies where one of them, another program's, is no good.
        known = cookie_parser(headers.get("cookie", "")).get(cookie) == self._secret

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                # Not with what a browser keeps: with its copy, the cookie of an earlier run could come back.
                fleeting = answer["Cache-Control"] == HEADERS["Cache-Control"]
                if not known and scope["method"] == "GET" and fleeting:
                    answer.append("Set-Cookie", f"{cookie}={self._secret}; Path=/; HttpOnly; SameSite=Strict")
            await send(message)

        refusal = _refusal(scope, headers, known)
        if refusal is not None:
            status, sentence = refusal
            program = problems.is_program(scope["path"])
            told = problems.told(scope["path"], problems.of_status(status), sentence) if program else None
            answer = told or PlainTextResponse(sentence, status)
            await answer(scope, receive, dressed)
            return
        await self.app(scope, _bounded(receive, _largest(scope)), dressed)


def _refusal(scope: Scope, headers: Headers, known: bool) -> tuple[int, str] | None:
    """Status and sentence for a request that must not pass, else None."""
    if _address(headers)[0] not in NAMES:
        return 421, "Emmaus answers to this computer's own name only: open it as http://localhost with its port"
    largest = _largest(scope)
    if not headers.get("content-length", "0").isdecimal() or int(headers.get("content-length", "0")) > largest:
        return 413, f"the request is too long: at most {largest // 1024} KiB are taken"
    if scope["method"] in READING:
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None:
        # Not a browser, so no other page speaks through it; a form's content type says that it is one after all.
        if headers.get("content-type", "").partition(";")[0].strip() == "application/json":
            return None
        return 403, "a request from outside a browser must be JSON: send Content-Type: application/json"
    own = f"{scope['scheme']}://{headers.get('host')}"
    if (origin or own) != own or (site or "same-origin") != "same-origin":
        return 403, "this request came from another site, so it was refused: use Emmaus's own page"
    if not known:
        return 403, "this page is older than the running program: reload it, then try again"
    return None


def _address(headers: Headers) -> tuple[str | None, int]:
    """Name and port that the caller asked for."""
    try:
        asked = urlsplit(f"//{headers.get('host', '')}")
        return asked.hostname, asked.port or 80
    except ValueError:
        return None, 80


def _largest(scope: Scope) -> int:
    return LARGEST_TALK if scope["path"].startswith(problems.GATEWAY) else LARGEST_BODY


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
