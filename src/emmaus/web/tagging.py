"""ETags: what has not changed since it was read last is not sent again (RFC 9110, 13.1.2)."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Tagged(APIRoute):
    """A route whose GET answers carry an ETag; asked with it in If-None-Match, it answers 304 with nothing."""

    def get_route_handler(self) -> Handler:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def tagging(request: Request) -> Response:
            return tagged(request, await handler(request), self.kept)

        return tagging

    kept = ""
    """What Cache-Control says of the answer; "" leaves it to the guard, which lets nothing be kept."""


class Public(Tagged):
    """What is no person's: a browser may keep it, and asks each time whether it still holds."""

    kept = "no-cache"


def tagged(request: Request, answer: Response, kept: str) -> Response:
    """Give a whole answer its ETag, or 304 in its place."""
    if request.method not in {"GET", "HEAD"} or answer.status_code != 200 or not hasattr(answer, "body"):
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
    headers = {"ETag": tag} | ({"Cache-Control": kept} if kept else {})
    asked = request.headers.get("if-none-match", "")
    if asked.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
