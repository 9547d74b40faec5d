"""The whole: guard, routes, files, and errors in words a person understands."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from emmaus import errors
from emmaus.api import Emmaus
from emmaus.types import sound
from emmaus.web import (
    choosing,
    conversations,
    desk,
    endpoints,
    feedback,
    gateway,
    health,
    pages,
    problems,
    reviewing,
    talking,
    work,
)
from emmaus.web.assets import Static
from emmaus.web.completions import Unsupported
from emmaus.web.guard import Guard
from emmaus.web.observing import Observed, to_stderr
from emmaus.web.room import Room
from emmaus.web.talking import BROKEN


def create_app(home: Emmaus) -> FastAPI:
    """Make the web application of an open home. Closing the home is the caller's."""
    room = Room(home)
    app = FastAPI(
        title="Emmaus",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        # Its own would hold the texts of errors; ours are in `tracing`.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for rooms in (endpoints, talking, conversations, feedback, work, gateway, health, problems, pages, choosing):
        app.include_router(rooms.router(room))
    app.include_router(reviewing.router(room))  # before the desk, which takes what comes after /desk for a name
    app.include_router(desk.router(room))
    app.mount("/static", Static())
    app.add_middleware(Guard)
    app.add_middleware(Observed, observer=room.observer, log=to_stderr if home.settings.log == "json" else None)
    app.state.room = room
    problems.describe(app)

    def told(request: Request, kind: problems.Kind, sentence: str, **more: Any) -> Response:
        if problems.is_program(request.url.path):
            return problems.told(request.url.path, kind, sentence, **more)
        return room.page("error.html", kind.status, sentence=sound(sentence))  # it may name what was given

    @app.exception_handler(errors.EmmausError)
    def mendable(request: Request, error: errors.EmmausError) -> Response:
        code = "context_length_exceeded" if isinstance(error, errors.ContextOverflow) else None
        return told(request, problems.kind_of(error), str(error), code=code)

    @app.exception_handler(Unsupported)
    def unsupported(request: Request, error: Unsupported) -> Response:
        return told(request, problems.BY_SLUG[error.kind], str(error), code=error.reason, param=error.param)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        found = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
        first = found[0]
        if error.errors()[0]["type"] == "json_invalid":
            return told(
                request, problems.BY_SLUG["malformed"], f"the body is not JSON: {error.errors()[0]['ctx']['error']}"
            )
        gateway = request.url.path.startswith(problems.GATEWAY)  # where it is told as OpenAI does
        sentence = f"{first['where']}: {first['what']}; what is expected stands in /api/openapi.json"
        return told(request, problems.BY_SLUG["bad-input" if gateway else "invalid"], sentence, errors=found)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        program = problems.is_program(request.url.path)
        nowhere = (
            "nothing is here: /api/openapi.json lists what there is"
            if program
            else "there is no such page: begin at the gallery"
        )
        words = {404: nowhere, 405: "that cannot be done here"}
        sentence = words.get(error.status_code, str(error.detail))
        return told(request, problems.of_status(error.status_code), sentence, headers=error.headers)

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        return told(request, problems.of_status(500), BROKEN)

    return app
