"""The whole: guard, routes, files, and errors in words a person understands."""

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware

from emmaus.api import Emmaus
from emmaus.types import Post
from emmaus.web import (
    account,
    choosing,
    conversations,
    desk,
    endpoints,
    explaining,
    feedback,
    gateway,
    health,
    pages,
    people,
    people_api,
    problems,
    remembering,
    reviewing,
    running,
    signing,
    talking,
    work_api,
)
from emmaus.web.assets import Static
from emmaus.web.auditing import audited
from emmaus.web.door import Door, allowed, needs
from emmaus.web.entry import Entry
from emmaus.web.guard import Guard
from emmaus.web.observing import Observed, to_stderr
from emmaus.web.room import Room
from emmaus.web.telling import Telling


def create_app(home: Emmaus, door: Door | None = None) -> FastAPI:
    """Make the web application of an open home, behind a door of its own unless one is given.

    Closing the home is the caller's.
    """
    room, door = Room(home), door or Door(home)
    app = FastAPI(
        title="Emmaus",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        # Its own would hold the texts of errors; ours are in `tracing`.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    _open(app, room, door)
    app.mount("/static", Static())
    app.state.room = room
    problems.describe(app)

    telling = Telling(room, door)
    telling.added_to(app)
    app.add_middleware(Entry, door=door, refused=telling.mendable)
    # The application's own lies outside all of these, where its answer would get none of their headers.
    app.add_middleware(ServerErrorMiddleware, handler=telling.broken)
    app.add_middleware(Guard, front=door.front)
    # The last one added is met first.
    app.add_middleware(Observed, observer=room.observer, log=to_stderr if home.settings.log == "json" else None)
    return app


def _open(app: FastAPI, room: Room, door: Door) -> None:
    """Add all routes, each for those who may."""
    for rooms in (pages, conversations, remembering, talking, gateway):
        app.include_router(rooms.router(room), dependencies=[allowed("chat")])
    app.include_router(feedback.router(room), dependencies=[allowed("feedback")])
    for rooms in (endpoints, health, explaining):
        app.include_router(rooms.router(room))
    app.include_router(reviewing.router(room), dependencies=[needs(Post.REVIEWER)])
    for rooms in (work_api, choosing, running, desk):  # the desk takes what comes after /desk for a name
        app.include_router(rooms.router(room), dependencies=[needs(Post.MAINTAINER), audited()])
    for doors in (signing, account, people):
        app.include_router(doors.router(room, door))
    app.include_router(people_api.router(door))
