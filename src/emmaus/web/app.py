"""The whole: guard, routes, files, and errors in words a person understands."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from emmaus import errors
from emmaus.api import Emmaus
from emmaus.types import sound
from emmaus.web import desk, endpoints, pages, running, talking, work_api
from emmaus.web.assets import Static
from emmaus.web.guard import Guard
from emmaus.web.room import Room
from emmaus.web.talking import BROKEN

STATUS: dict[type[errors.EmmausError], int] = {
    errors.NotFound: 404,
    errors.BadInput: 400,
    errors.NotConsented: 403,
    errors.GateHeld: 409,
    errors.HomeBusy: 409,
    errors.ModelError: 503,
    errors.StoreError: 503,
}
"""The HTTP status of each kind of error; any other is 409: it cannot be done as things stand."""


def create_app(home: Emmaus) -> FastAPI:
    """Make the web application of an open home. Closing the home is the caller's."""
    room = Room(home)
    app = FastAPI(title="Emmaus", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.room = room
    app.include_router(endpoints.router(room))
    app.include_router(talking.router(room))
    app.include_router(pages.router(room))
    app.include_router(work_api.router(room))
    app.include_router(running.router(room))
    app.include_router(desk.router(room))
    app.mount("/static", Static())
    app.add_middleware(Guard)

    def told(request: Request, status: int, sentence: str) -> Response:
        sentence = sound(sentence)  # it may name what was given
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": sentence}, status)
        return room.page("error.html", status, sentence=sentence)

    @app.exception_handler(errors.EmmausError)
    def mendable(request: Request, error: errors.EmmausError) -> Response:
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 409)
        return told(request, status, str(error))

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
