"""The review queue: one answer at a time for a person with a keyboard, and as JSON for programs."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from emmaus.accounts.person import Person
from emmaus.data import LISTED, REASONS, Reason, Reviewed, Verdict, Waiting, told
from emmaus.shown import Shown
from emmaus.types import Review
from emmaus.web.room import Room

MOST = 100
"""Answers that are listed at once."""
LETTERS = {"accept": "A", "edit": "E", "reject": "R", "skip": "S", "undo": "U"}
"""The key of each decision."""


class Decided(BaseModel):
    """What is decided about an answer, and which version of it was looked at; without one, whatever stands now."""

    model_config = ConfigDict(extra="forbid")

    decision: Verdict
    reasons: list[Reason] = []
    note: str = ""
    correction: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An answer that waits, and the same as readers see it."""

    waiting: Waiting
    shown: Shown
    html: str
    """As the page shows it; "" unless it was asked for."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The head of the queue, and how long it is."""

    counts: tuple[Reviewed, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision that was kept, and the version of the answer since then."""

    review: Review
    version: str


def reviewer(request: Request) -> str:
    """Name who decides."""
    person: Person = request.state.person
    return person.name


def router(room: Room) -> APIRouter:
    """All routes of the review."""
    routes = APIRouter()
    _api(routes, room)

    @routes.get("/desk/review", include_in_schema=False)
    def every(request: Request) -> Response:
        return _page(room, None, reviewer(request))

    @routes.get("/desk/review/{slug}", include_in_schema=False)
    def one(request: Request, slug: str) -> Response:
        return _page(room, slug, reviewer(request))

    return routes


def _api(routes: APIRouter, room: Room) -> None:
    reviews = room.home.reviews

    @routes.get("/api/reviews")
    def queue(
        request: Request,
        character: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = LISTED,
        html: bool = False,
    ) -> Queue:
        """List what waits for review, flagged first, then the most doubtful; only what may be read for it now."""
        found = reviews.queue(character, reviewer=reviewer(request), limit=limit)
        return Queue(reviews.counts(character), tuple(_item(room, one, reviewer(request), html) for one in found))

    @routes.get("/api/reviews/{turn}")
    def waiting(request: Request, turn: str, html: bool = False) -> Item:
        """Show one answer as it stands now, whether or not it waits."""
        return _item(room, reviews.get(turn), reviewer(request), html)

    @routes.post("/api/reviews/{turn}")
    def decide(request: Request, turn: str, decided: Decided) -> Kept:
        """Accept, edit, reject or skip an answer, or take that back; 409 where somebody decided since `version`."""
        kept = reviews.decide(
            turn,
            decided.decision,
            reviewer=reviewer(request),
            reasons=decided.reasons,
            note=decided.note,
            correction=decided.correction,
            version=decided.version,
        )
        return Kept(kept, reviews.get(turn).version)


def _page(room: Room, slug: str | None, name: str) -> Response:
    counts = {one.character: one for one in room.home.reviews.counts()}
    found = room.home.reviews.queue(slug, reviewer=name, limit=1)
    chosen = [one for one in counts.values() if slug in (None, one.character)]
    return room.page(
        "review.html",
        slug=slug or "",
        whose=room.name(slug) if slug else "all",
        first=Markup(_html(room, found[0], name)) if found else "",
        waiting=sum(one.waiting for one in chosen),
        flagged=sum(one.flagged for one in chosen),
        done=sum(one.accepted + one.edited + one.rejected for one in chosen),
        others=[(one, room.name(one.character)) for one in counts.values() if one.waiting],
        reasons=REASONS,
        letters=LETTERS,
    )


def _item(room: Room, one: Waiting, name: str, html: bool) -> Item:
    return Item(one, room.shown(one.turn), _html(room, one, name) if html else "")


def _html(room: Room, one: Waiting, name: str) -> str:
    """One answer with all that helps to judge it, as the page shows it."""
    return room.part(
        "review_item.html",
        item=one,
        name=room.name(one.character),
        turn=room.shown(one.turn),
        history=[room.shown(turn) for turn in one.history],
        decided=told(one.decided, name) if one.decided else "",
    )
