"""The pages of a reader: the gallery, the life of a character, the chat, and what is kept of them."""

from collections.abc import Sequence
from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from emmaus.errors import EmmausError, NotFound
from emmaus.feedback import standing
from emmaus.portraits import draw
from emmaus.types import Conversation, Rating, Scope, Turn, digest
from emmaus.web.life import grouped, in_time, told
from emmaus.web.room import Fields, Room
from emmaus.web.shown import Shown, bare

LISTED = 200
"""Most conversations on one page, the newest."""
KEPT = 3600
"""Seconds for which a browser need not ask again for a picture."""
DONE = {"consent": "Saved: what is switched on below holds from now on.", "deleted": "Deleted."}


def router(room: Room) -> APIRouter:
    """All routes of a reader."""
    routes = APIRouter(include_in_schema=False)
    _talking(routes, room)
    _keeping(routes, room)
    return routes


def _talking(routes: APIRouter, room: Room) -> None:
    def prepare(slug: str) -> None:
        with suppress(EmmausError):  # Whoever asks is told.
            room.home.parts.scene(slug).recall.prepare()

    @routes.get("/")
    def gallery() -> Response:
        return room.page("gallery.html", characters=in_time(room.home.characters()), pack=room.home.parts.pack)

    @routes.get("/characters/{slug}")
    def character(slug: str) -> Response:
        found = room.home.parts.pack.character(slug)
        return room.page(
            "character.html",
            character=found,
            events=told(found, room.corpus),
            kin=grouped(found.kin),
            companions=grouped(found.companions),
            places=grouped(found.places, people=False),
        )

    @routes.get("/portraits/{slug}.svg")
    def portrait(slug: str, request: Request) -> Response:
        drawn = draw(room.home.parts.pack.character(slug))
        headers = {"Cache-Control": f"max-age={KEPT}", "ETag": f'"{digest(drawn)}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(drawn, media_type="image/svg+xml", headers=headers)

    @routes.get("/chat/{slug}")
    def chat(slug: str, talk: str | None = None, question: str = "") -> Response:
        character = room.home.parts.pack.character(slug)
        try:
            opened = room.talks.get(talk) if talk else None
        except NotFound:
            return RedirectResponse(f"/chat/{slug}", 303)
        if opened and opened.character != slug:
            return RedirectResponse(f"/chat/{opened.character}?talk={opened.id}", 303)
        turns = [room.shown(turn) for turn in opened.talk.turns] if opened else []
        page = room.page(
            "chat.html",
            character=character,
            turns=turns,
            talk=opened.id if opened else "",
            question=question,
            consent=room.consent(),
        )
        # The first question to a character takes seconds longer than others: they pass while it is being typed.
        page.background = BackgroundTask(prepare, slug)
        return page


def _keeping(routes: APIRouter, room: Room) -> None:
    @routes.get("/data")
    def data(done: str = "") -> Response:
        store, subject = room.home.store, room.home.parts.subject
        kept = store.find(Conversation, last=LISTED, subject=subject)[::-1]
        ratings = store.ratings(turn.id for conversation in kept for turn in conversation.turns)
        names = {slug: _name(room, slug) for slug in {conversation.character for conversation in kept}}
        shown = [[_shown(room, turn) for turn in conversation.turns] for conversation in kept]
        return room.page(
            "data.html",
            consent=room.consent(),
            count=store.count(Conversation, subject=subject),
            kept=[(names[c.character], turns) for c, turns in zip(kept, shown, strict=True)],
            said={turn: _said(given, subject) for turn, given in ratings.items()},
            done=DONE.get(done, ""),
        )

    @routes.post("/data/consent")
    def consent(fields: Fields) -> Response:
        room.home.consent(Scope(scope) for scope in fields.get("scope", ()) if scope in set(Scope))
        return RedirectResponse("/data?done=consent", 303)

    @routes.post("/data/delete")
    def delete() -> Response:
        room.talks.forget()
        room.remembered.forget(room.home.parts.subject)
        room.home.forget()
        return RedirectResponse("/data?done=deleted", 303)


def _shown(room: Room, turn: Turn) -> Shown:
    """Show what is kept, also where the translation is away by which it would be checked."""
    try:
        return room.shown(turn)
    except EmmausError:
        return bare(turn)


def _name(room: Room, slug: str) -> str:
    """Name a character whose conversations are kept; one whose card cannot be read, or is gone, by their slug."""
    try:
        return room.home.parts.pack.character(slug).name
    except EmmausError:
        return slug


def _said(given: Sequence[Rating], subject: str) -> tuple[Rating, list[str]] | None:
    """What a person says of a turn in the end, and each reason that is kept of them, oldest first.

    `given` are all ratings of the turn, latest first.
    """
    own = [rating for rating in given if rating.subject == subject]
    reasons = dict.fromkeys(rating.reason for rating in reversed(own) if rating.reason)
    return next(((held, list(reasons)) for held in standing(own)), None)
