"""The page of one's own conversations: searched while one types, named, taken along, deleted one by one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from emmaus import conversations
from emmaus.conversations import LONGEST_TITLE
from emmaus.types import sound
from emmaus.web.room import Fields, Room, given
from emmaus.web.subject import Subject

LISTED = 30
"""Conversations on one page."""
LONGEST_SEARCH = 200
DONE = {
    "renamed": "Renamed.",
    "deleted": "Deleted, with every trace of its words.",
}


def router(room: Room) -> APIRouter:
    """All routes of the page."""
    routes = APIRouter(prefix="/conversations", include_in_schema=False)
    home = room.home.parts

    @routes.get("")
    def listed(
        request: Request,
        subject: Subject,
        q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
        before: int | None = None,
        done: str = "",
    ) -> Response:
        found = conversations.listed(home, subject, LISTED + 1, before=before, text=q)
        here = found[:LISTED]
        # Asked by htmx while one types, only the list is wanted; gone back to, all of it.
        typing = "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
        page = "conversations_list.html" if typing else "conversations.html"
        return room.page(
            page,
            q=sound(q).strip(),
            kept=[(one, room.name(one.character)) for _, one in here],
            more=here[-1][0] if len(found) > LISTED else None,
            allowed=bool(room.allowed(subject)),
            done=DONE.get(done, ""),
            longest=LONGEST_TITLE,
        )

    @routes.post("/{id}/rename")
    def rename(id: str, fields: Fields, subject: Subject) -> Response:
        conversations.rename(home, id, given(fields, "title"), subject)
        return RedirectResponse("/conversations?done=renamed", 303)

    @routes.post("/{id}/delete")
    def delete(id: str, subject: Subject) -> Response:
        found = conversations.own(home, id, subject)
        room.talks.drop(found.id, subject)
        room.remembered.forget(subject)
        conversations.delete(home, found.id, subject)
        return RedirectResponse("/conversations?done=deleted", 303)

    return routes
