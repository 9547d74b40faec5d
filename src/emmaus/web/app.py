"""The whole: guard, routes, files, and errors in words a person understands."""

from importlib.resources import files
from math import ceil

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.status import HTTP_401_UNAUTHORIZED

from emmaus import errors
from emmaus.api import Emmaus
from emmaus.types import Post, sound
from emmaus.web import account, desk, endpoints, pages, people, people_api, signing
from emmaus.web.door import Door, needs
from emmaus.web.endpoints import BROKEN
from emmaus.web.entry import Entry
from emmaus.web.guard import PROGRAMS, Guard
from emmaus.web.room import Room

STATUS: dict[type[errors.EmmausError], int] = {
    errors.NotFound: 404,
    errors.BadInput: 400,
    errors.NotConsented: 403,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.TooOften: 429,
    errors.GateHeld: 409,
    errors.HomeBusy: 409,
    errors.ModelError: 503,
    errors.StoreError: 503,
}
"""The HTTP status of each kind of error; any other is 409: it cannot be done as things stand."""


def create_app(home: Emmaus, door: Door | None = None) -> FastAPI:
    """Make the web application of an open home, behind a door of its own unless one is given.

    Closing the home is the caller's.
    """
    room, door = Room(home), door or Door(home)
    app = FastAPI(title="Emmaus", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.include_router(endpoints.router(room))
    app.include_router(pages.router(room))
    app.include_router(desk.router(room), dependencies=[needs(Post.MAINTAINER)])
    app.include_router(signing.router(room, door))
    app.include_router(account.router(room, door))
    app.include_router(people.router(room, door))
    app.include_router(people_api.router(door))
    app.mount("/static", StaticFiles(directory=str(files("emmaus.web") / "static")))

    def told(request: Request, status: int, sentence: str) -> Response:
        sentence = sound(sentence)  # it may name what was given
        if request.url.path.startswith(PROGRAMS):
            return JSONResponse({"error": sentence}, status)
        return room.page("error.html", status, sentence=sentence)

    @app.exception_handler(errors.EmmausError)
    def mendable(request: Request, error: errors.EmmausError) -> Response:
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 409)
        if isinstance(error, errors.NotSignedIn) and not request.url.path.startswith(PROGRAMS):
            answer: Response = signing.asked(room, door, status, str(error))
        else:
            answer = told(request, status, str(error))
        if isinstance(error, errors.TooOften):
            answer.headers["Retry-After"] = str(ceil(error.wait))
        if status == HTTP_401_UNAUTHORIZED:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    app.add_middleware(Entry, door=door, refused=mendable)
    app.add_middleware(Guard, front=door.front)  # the last one added is met first

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return told(request, 422, f"{where}: {first['msg']}; what is expected stands in /api/openapi.json")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        words = {404: "there is no such page: begin at the gallery", 405: "that cannot be done here"}
        return told(request, error.status_code, words.get(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        return told(request, 500, BROKEN)

    return app
