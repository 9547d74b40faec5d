"""Whether the program is alive, whether it can answer, and its numbers: for those who run it."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from emmaus.errors import EmmausError
from emmaus.types import Job
from emmaus.web.room import Room

PATIENCE = 2.0
"""Seconds that a model server has to say that it is there."""


def router(room: Room) -> APIRouter:
    """Three addresses that tools know."""
    routes = APIRouter(include_in_schema=False)
    home = room.home

    def store() -> object:
        return home.store.count(Job)

    def pack() -> object:
        return home.parts.pack.characters, home.parts.corpus

    def model() -> None:
        check = getattr(home.parts.model, "check", None)
        if check:
            check(PATIENCE)

    @routes.get("/healthz")
    def healthz() -> Response:
        """Whether the program runs and its store can be read."""
        return _told(store=store)

    @routes.get("/readyz")
    def readyz() -> Response:
        """Whether it can answer: store, pack, and a model that is there or can be started."""
        return _told(store=store, pack=pack, model=model)

    @routes.get("/metrics")
    def metrics() -> Response:
        """Everything that is counted, for Prometheus."""
        return Response(room.observer.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _told(**parts: Callable[[], object]) -> Response:
    """Use each part, and name what cannot be used, with the sentence that says why."""
    missing = {}
    for name, use in parts.items():
        try:
            use()
        except EmmausError as error:
            missing[name] = str(error)
    return JSONResponse({"status": "missing", "missing": missing}, 503) if missing else JSONResponse({"status": "ok"})
