"""The desk of a maintainer: where each wheel stands, the newest report, promote and roll back."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emmaus.errors import EmmausError
from emmaus.web.room import Fields, Room
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
        return room.page("desk.html", wheels=wheels, waiting=sum(one.waiting for one in room.home.reviews.counts()))

    @routes.get("/{slug}")
    def one(slug: str, done: str = "") -> Response:
        character, stand = room.home.parts.pack.character(slug), wheel(room.home, slug)
        (review,) = room.home.reviews.counts(slug)
        return room.page("wheel.html", character=character, wheel=stand, review=review, done=DONE.get(done, ""))

    @routes.get("/{slug}/report")
    def report(slug: str) -> Response:
        with TemporaryDirectory() as folder:
            written = room.home.report(slug, Path(folder) / "report.html")
            text = written.read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})

    @routes.post("/{slug}/promote")
    def promote(slug: str, fields: Fields) -> Response:
        now = wheel(room.home, slug, deep=False)
        other = now.evaluation is not None and _named(fields, "evaluation") != now.evaluation
        if other or (now.promotable and _named(fields, "deployment") != (now.deployment or "")):
            raise EmmausError(
                f"nothing was promoted, for {now.name} was evaluated or put into use anew since this page was opened: "
                "look at it again, then decide"
            )
        room.home.promote(slug, evaluation=now.evaluation)
        return RedirectResponse(f"/desk/{slug}?done=promoted", 303)

    @routes.post("/{slug}/rollback")
    def rollback(slug: str, fields: Fields) -> Response:
        room.home.rollback(slug, deployment=_named(fields, "deployment"))
        return RedirectResponse(f"/desk/{slug}?done=back", 303)

    return routes


def _named(fields: Fields, name: str) -> str:
    """Return the id that a page showed; "" for none."""
    return fields.get(name, ("",))[0]
