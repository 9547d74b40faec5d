"""The desk of a maintainer: where each wheel stands, the newest report, promote and roll back."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emmaus.web.room import Room
from emmaus.web.wheel import wheel

REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
"""A report brings its styles along, so that it can be mailed; no script in it may run, whatever a model wrote."""
DONE = {"promoted": "Promoted: it answers from the next question on.", "back": "Rolled back."}


def router(room: Room) -> APIRouter:
    """All routes of the desk."""
    routes = APIRouter(prefix="/desk", include_in_schema=False)

    @routes.get("")
    def desk() -> Response:
        wheels = [wheel(room.home, character.slug, deep=False) for character in room.home.characters()]
        return room.page("desk.html", wheels=wheels)

    @routes.get("/{slug}")
    def one(slug: str, done: str = "") -> Response:
        character, stand = room.home.parts.pack.character(slug), wheel(room.home, slug)
        return room.page("wheel.html", character=character, wheel=stand, done=DONE.get(done, ""))

    @routes.get("/{slug}/report")
    def report(slug: str) -> Response:
        with TemporaryDirectory() as folder:
            written = room.home.report(slug, Path(folder) / "report.html")
            text = written.read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})

    @routes.post("/{slug}/promote")
    def promote(slug: str) -> Response:
        room.home.promote(slug)
        return RedirectResponse(f"/desk/{slug}?done=promoted", 303)

    @routes.post("/{slug}/rollback")
    def rollback(slug: str) -> Response:
        room.home.rollback(slug)
        return RedirectResponse(f"/desk/{slug}?done=back", 303)

    return routes
