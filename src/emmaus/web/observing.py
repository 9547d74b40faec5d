"""The outermost layer: each request gets an id, is counted and timed, and leaves a line in the log where one is wanted.

A line names the route by its template. It holds no address that somebody typed, no query, no body and no person.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emmaus.web.metrics import Observer

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted as one: whoever asks can invent as many as they like."""
NOWHERE = "none"
"""Stands for a route where there is none of that address."""

Line = dict[str, Any]


def to_stderr(line: Line) -> None:
    """Write a line of the log."""
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


class Observed:
    """An ASGI layer that watches requests. `log` is given a line of each."""

    def __init__(self, app: ASGIApp, observer: Observer, log: Callable[[Line], None] | None = None) -> None:
        self.app = app
        self._observer = observer
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it was answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, name = time.perf_counter(), secrets.token_hex(8)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        status, streams = 500, False

        async def noted(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = name
                if headers.get("content-type", "").startswith("text/event-stream"):
                    streams = True
                    self._observer.streams.inc()
            await send(message)

        tracing = self._observer.tracing
        with tracing.request(method, Headers(scope=scope)) if tracing else nullcontext() as span:
            try:
                await self.app(scope, receive, noted)
            finally:
                route, seconds = _route(scope), time.perf_counter() - began
                self._observer.requested(method, route, status, seconds)
                if streams:
                    self._observer.streams.dec()
                if tracing and span is not None:
                    tracing.requested(span, method, route, status)
                if self._log:
                    self._log({
                        "time": round(time.time(), 3),
                        "request": name,
                        "method": method,
                        "route": route,
                        "status": status,
                        "ms": round(1000 * seconds, 1),
                    })  # fmt: skip


def _route(scope: Scope) -> str:
    """Return the template of the route that answered: `/api/characters/{character}`."""
    path = getattr(scope.get("route"), "path", None)
    if path is None and scope["path"].startswith("/static/"):
        return "/static"
    return path or NOWHERE
