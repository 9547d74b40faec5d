"""A person's own conversations that are kept: listed, searched, named, read, taken along, deleted."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emmaus.errors import EmmausError, NotFound
from emmaus.feedback import standing
from emmaus.types import Conversation, Turn, plain, sound
from emmaus.web.paging import Page, Wanted
from emmaus.web.room import Room
from emmaus.web.shown import Shown, bare
from emmaus.web.subject import subject_of
from emmaus.web.tagging import Tagged

LONGEST_TITLE = 200
"""Characters of a name."""


class Title(BaseModel):
    """What its speaker calls a conversation; empty, it is told by its first question again."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=LONGEST_TITLE)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation, in a line."""

    id: str
    character: str
    title: str
    """What its speaker calls it; "" where they gave it no name."""
    question: str
    """The first one."""
    turns: int
    created_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn as a reader sees it, and what they say of it in the end."""

    turn: Shown
    created_at: float
    value: int
    flag: bool
    correction: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with all that was said."""

    id: str
    character: str
    title: str
    created_at: float
    turns: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many conversations went: the one, and what was derived from it."""

    conversations: int


def router(room: Room) -> APIRouter:
    """All routes of one's own conversations."""
    routes = APIRouter(prefix="/api/conversations", route_class=Tagged)
    store = room.home.store

    def own(request: Request, id: str) -> Conversation:
        found = store.find(Conversation, id=sound(id), subject=subject_of(request))
        if not found:
            raise NotFound(f"there is no conversation '{id}' of yours (any more): GET /api/conversations lists them")
        return found[0]

    @routes.get("")
    def listed(
        request: Request, wanted: Wanted, q: Annotated[str, Query(max_length=200, description="A text in it.")] = ""
    ) -> Page[Kept]:
        """Your conversations that are kept, newest first; with `q` those in whose name or words it stands."""
        subject = subject_of(request)
        return wanted.page(
            lambda last, before: store.listed(
                Conversation, last, before=before, text=sound(q).strip(), subject=subject
            ),
            _kept,
        )

    @routes.get("/{id}")
    def one(request: Request, id: str) -> Whole:
        """One of them, with all that was said."""
        return _whole(room, own(request, id), subject_of(request))

    @routes.patch("/{id}")
    def rename(request: Request, id: str, named: Title) -> Kept:
        """Give it a name."""
        found = own(request, id)
        store.rename(found.id, " ".join(sound(named.title).split()))
        return _kept(own(request, id))

    @routes.delete("/{id}")
    def delete(request: Request, id: str) -> Deleted:
        """Delete it with every trace of its words, from datasets too; what learned from it can still be found."""
        found = own(request, id)
        room.remembered.forget(subject_of(request))
        return Deleted(store.forget_one(found.id))

    @routes.get("/{id}/export", response_class=Response, responses=EXPORTED)
    def export(request: Request, id: str, format: Literal["json", "markdown"] = "json") -> Response:
        """Take it along, as JSON or as Markdown."""
        whole = _whole(room, own(request, id), subject_of(request))
        name = f'attachment; filename="{whole.character}-{whole.id}.{"json" if format == "json" else "md"}"'
        headers = {"Content-Disposition": name}
        if format == "json":
            return JSONResponse(plain(whole), headers=headers)
        return Response(_markdown(room, whole), media_type="text/markdown; charset=utf-8", headers=headers)

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


def _kept(c: Conversation) -> Kept:
    question = c.turns[0].question if c.turns else ""
    return Kept(c.id, c.character, c.title, question, len(c.turns), c.created_at)


def _whole(room: Room, c: Conversation, subject: str) -> Whole:
    ratings = room.home.store.ratings(turn.id for turn in c.turns)

    def said(turn: Turn) -> Said:
        held = next(iter(standing(given for given in ratings[turn.id] if given.subject == subject)), None)
        shown = _shown(room, turn)
        if held is None:
            return Said(shown, turn.created_at, 0, False, None)
        return Said(shown, turn.created_at, held.value, held.flag, held.correction)

    return Whole(c.id, c.character, c.title, c.created_at, tuple(map(said, c.turns)))


def _shown(room: Room, turn: Turn) -> Shown:
    """Show what is kept, also where the translation is away by which it would be checked."""
    try:
        return room.shown(turn)
    except EmmausError:
        return bare(turn)


def _markdown(room: Room, whole: Whole) -> str:
    try:
        name = room.home.parts.pack.character(whole.character).name
    except EmmausError:  # its card cannot be read, or is gone
        name = whole.character
    day = datetime.fromtimestamp(whole.created_at, UTC).date().isoformat()
    parts = [f"# {_line(whole.title) or 'A conversation with ' + name}", f"{day}. The answers are written by an AI."]
    for said in whole.turns:
        parts.append("\n".join(f"> {line}" for line in said.turn.question.splitlines()))
        parts.append(f"**{'Emmaus' if said.turn.care else name}:** {said.turn.text}")
        if stands := "; ".join(stand.reference for stand in said.turn.stands_on if stand.pointed):
            parts.append(f"*Points at: {stands}*")
    return "\n\n".join(parts) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
