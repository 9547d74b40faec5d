"""A person's own conversations that are kept, for programs: listed, searched, named, read, taken along, deleted."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emmaus import conversations
from emmaus.conversations import LONGEST_TITLE, Kept, Whole
from emmaus.types import plain
from emmaus.web.door import allowed
from emmaus.web.paging import Page, Wanted
from emmaus.web.room import Room
from emmaus.web.subject import subject_of
from emmaus.web.tagging import Tagged


class Title(BaseModel):
    """What its speaker calls a conversation; empty, it is told by its first question again."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=LONGEST_TITLE)]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many conversations went: the one, and what was derived from it."""

    conversations: int


def router(room: Room) -> APIRouter:
    """All routes of one's own conversations."""
    routes = APIRouter(prefix="/api/conversations", route_class=Tagged)
    home = room.home.parts

    def told(request: Request, id: str) -> Whole:
        subject = subject_of(request)
        return conversations.whole(home, conversations.own(home, id, subject), subject)

    @routes.get("")
    def listed(
        request: Request, wanted: Wanted, q: Annotated[str, Query(max_length=200, description="A text in it.")] = ""
    ) -> Page[Kept]:
        """Your conversations that are kept, newest first; with `q` those in whose name or words it stands."""
        subject = subject_of(request)
        return wanted.page(
            lambda last, before: conversations.listed(home, subject, last, before=before, text=q),
            conversations.outline,
        )

    @routes.get("/{id}")
    def one(request: Request, id: str) -> Whole:
        """One of them, with all that was said."""
        return told(request, id)

    @routes.patch("/{id}", dependencies=[allowed("feedback")])
    def rename(request: Request, id: str, named: Title) -> Kept:
        """Give it a name."""
        return conversations.rename(home, id, named.title, subject_of(request))

    @routes.delete("/{id}", dependencies=[allowed("feedback")])
    def delete(request: Request, id: str) -> Deleted:
        """Delete it with every trace of its words, from datasets too; what learned from it can still be found."""
        found = conversations.own(home, id, subject_of(request))
        room.remembered.forget(subject_of(request))
        room.talks.drop(found.id, subject_of(request))
        return Deleted(conversations.delete(home, found.id, subject_of(request)))

    @routes.get("/{id}/export", response_class=Response, responses=EXPORTED)
    def export(request: Request, id: str, format: Literal["json", "markdown"] = "json") -> Response:
        """Take it along, as JSON or as Markdown."""
        whole = told(request, id)
        name = f'attachment; filename="{whole.character}-{whole.id}.{"json" if format == "json" else "md"}"'
        headers = {"Content-Disposition": name}
        if format == "json":
            return JSONResponse(plain(whole), headers=headers)
        text = conversations.markdown(home, whole)
        return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)

    return routes


EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The conversation.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Whole"}},
            "text/markdown": {"schema": {"type": "string"}},
        },
    }
}
