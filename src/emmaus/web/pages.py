"""The pages of a reader: the gallery, the life of a character, the chat, and what is kept of them."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, RedirectResponse, Response

from emmaus import feedback
from emmaus.conversations import kept_turn
from emmaus.errors import EmmausError, NotFound
from emmaus.portraits import draw
from emmaus.shown import Shown
from emmaus.store import Store
from emmaus.types import ConsentEvent, Conversation, Draft, Scope, Source, digest
from emmaus.web.life import grouped, in_time, told
from emmaus.web.room import Fields, Room
from emmaus.web.subject import Subject

LISTED = 200
"""Most conversations on one page, the newest."""
KEPT = 3600
"""Seconds for which a browser need not ask again for a picture."""
EVENTS = 20
"""Lines of the consent ledger on the page, the newest."""
EARLIER = 8
"""Earlier conversations that a chat page names."""
STILL = 10.0
"""Seconds after its last piece from which an answer is taken to have broken off."""
DONE = {
    "consent": "Saved: what is switched on below holds from now on.",
    "withdrawn": "Withdrawn: nothing of yours is used from now on. What is kept stays until you delete it.",
    "deleted": "Deleted.",
}


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
    def chat(slug: str, subject: Subject, talk: str | None = None, question: str = "") -> Response:
        character = room.home.parts.pack.character(slug)
        try:
            opened = room.talks.get(talk, subject) if talk else None
        except NotFound:
            return RedirectResponse(f"/chat/{slug}", 303)
        if opened and opened.character != slug:
            return RedirectResponse(f"/chat/{opened.character}?talk={opened.id}", 303)
        store = room.home.store
        page = room.page(
            "chat.html",
            character=character,
            said=room.said(opened) if opened else "",
            talk=opened.id if opened else "",
            question=question,
            earlier=[one for one in _earlier(store, slug, subject) if not opened or one.id != opened.id],
            unfinished=_unfinished(room, slug, subject) if not opened else [],
            consent=room.consent(subject),
        )
        # The first question to a character takes seconds longer than others: they pass while it is being typed.
        page.background = BackgroundTask(prepare, slug)
        return page


def _earlier(store: Store, slug: str, subject: str) -> list[Conversation]:
    """A person's last conversations with a character, newest first."""
    return store.find(Conversation, last=EARLIER, subject=subject, character=slug, source=Source.PERSON)[::-1]


def _unfinished(room: Room, slug: str, subject: str) -> list[Draft]:
    """Answers that broke off before any conversation was kept; one that may still be coming is none."""
    found = room.home.store.find(Draft, subject=subject, character=slug, conversation=None)
    return [draft for draft in found if draft.at < room.began or room.home.clock() - draft.at > STILL]


def _keeping(routes: APIRouter, room: Room) -> None:
    @routes.get("/data")
    def data(subject: Subject, done: str = "") -> Response:
        kept = feedback.mine(room.home.store, subject, last=LISTED)
        names = {slug: room.name(slug) for slug in {one.conversation.character for one in kept}}
        return room.page(
            "data.html",
            consent=room.consent(subject),
            count=room.home.store.count(Conversation, subject=subject),
            kept=[(names[one.conversation.character], one, *_all_turns(room, one)) for one in kept],
            unfinished=room.home.store.find(Draft, subject=subject),
            events=room.home.store.find(ConsentEvent, last=EVENTS, subject=subject)[::-1],
            done=DONE.get(done, ""),
        )

    @routes.get("/data/download")
    def download(subject: Subject) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="emmaus-my-data.json"'}
        return JSONResponse(feedback.everything(room.home.store, subject), headers=headers)

    @routes.post("/data/consent")
    def consent(fields: Fields, subject: Subject) -> Response:
        scopes = (Scope(scope) for scope in fields.get("scope", ()) if scope in set(Scope))
        room.home.consent(scopes, subject=subject, words=fields.get("words", (None,))[0])
        feedback.set_comparing(room.home.store, subject, "compare" in fields)
        return RedirectResponse("/data?done=consent", 303)

    @routes.post("/data/withdraw")
    def withdraw(subject: Subject) -> Response:
        room.home.consent((), subject=subject)
        return RedirectResponse("/data?done=withdrawn", 303)

    @routes.post("/data/delete")
    def delete(subject: Subject) -> Response:
        room.talks.forget(subject)
        room.remembered.forget(subject)
        room.home.forget(subject=subject)
        return RedirectResponse("/data?done=deleted", 303)


def _all_turns(room: Room, kept: feedback.Kept) -> tuple[list[Shown], list[Shown]]:
    """The turns of a conversation, and those in whose place they stand."""
    parts = room.home.parts
    return [kept_turn(parts, t) for t in kept.conversation.turns], [kept_turn(parts, t) for t in kept.replaced]
