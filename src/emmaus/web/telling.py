"""What goes wrong, told: to people on a page, to programs as a problem, to OpenAI clients in OpenAI's shape."""

from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.status import HTTP_401_UNAUTHORIZED

from emmaus.errors import ContextOverflow, EmmausError, NotSignedIn, TooMany, TooOften
from emmaus.types import sound
from emmaus.web import problems, signing
from emmaus.web.completions import Unsupported
from emmaus.web.door import Door
from emmaus.web.room import Room
from emmaus.web.talking import BROKEN

NOWHERE = {
    True: "nothing is here: /api/openapi.json lists what there is",
    False: "there is no such page: begin at the gallery",
}
"""Told to programs, and to people."""


class Telling:
    """Knows how every kind of error is told."""

    def __init__(self, room: Room, door: Door) -> None:
        self._room = room
        self._door = door

    def added_to(self, app: FastAPI) -> None:
        """Let an application tell its errors so."""
        handlers: tuple[tuple[type[Exception], Any], ...] = (
            (EmmausError, self.mendable),
            (Unsupported, self.unsupported),
            (RequestValidationError, self.malformed),
            (HTTPException, self.refused),
            (Exception, self.broken),
        )
        for kind, handler in handlers:
            app.add_exception_handler(kind, handler)

    def mendable(self, request: Request, error: EmmausError) -> Response:
        """Tell one of our own errors, whose sentence says what mends it."""
        kind = problems.kind_of(error)
        if isinstance(error, NotSignedIn) and not problems.is_program(request.url.path):
            answer: Response = signing.asked(self._room, self._door, kind.status, str(error))
        else:
            code = "context_length_exceeded" if isinstance(error, ContextOverflow) else None
            answer = self._told(request, kind, str(error), code=code)
        if isinstance(error, TooOften | TooMany):
            answer.headers["Retry-After"] = str(ceil(error.wait))
        if kind.status == HTTP_401_UNAUTHORIZED:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    def unsupported(self, request: Request, error: Unsupported) -> Response:
        """Tell an OpenAI client what no character can do."""
        return self._told(request, problems.BY_SLUG[error.kind], str(error), code=error.reason, param=error.param)

    def malformed(self, request: Request, error: RequestValidationError) -> Response:
        """Tell what of a request was not as expected."""
        found = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return self._told(request, problems.BY_SLUG["malformed"], f"the body is not JSON: {first['ctx']['error']}")
        gateway = request.url.path.startswith(problems.GATEWAY)  # where it is told as OpenAI does
        sentence = f"{found[0]['where']}: {found[0]['what']}; what is expected stands in /api/openapi.json"
        return self._told(request, problems.BY_SLUG["bad-input" if gateway else "invalid"], sentence, errors=found)

    def refused(self, request: Request, error: HTTPException) -> Response:
        """Tell a bare status."""
        words = {404: NOWHERE[problems.is_program(request.url.path)], 405: "that cannot be done here"}
        sentence = words.get(error.status_code, str(error.detail))
        return self._told(request, problems.of_status(error.status_code), sentence, headers=error.headers)

    def broken(self, request: Request, error: Exception) -> Response:
        """Tell that it is our mistake; what it is, is not told."""
        return self._told(request, problems.of_status(500), BROKEN)

    def _told(self, request: Request, kind: problems.Kind, sentence: str, **more: Any) -> Response:
        if problems.is_program(request.url.path):
            return problems.told(request.url.path, kind, sentence, **more)
        return self._room.page("error.html", kind.status, sentence=sound(sentence))  # it may name what was given
