"""The JSON API: what pages do, for programs. Described at /api/openapi.json."""

import logging
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.requests import Request
from starlette.responses import Response

from emmaus.chat import checked_question
from emmaus.errors import BadInput, EmmausError
from emmaus.feedback import Value, keep_and_rate
from emmaus.types import Character, Scope, Turn, plain
from emmaus.web.drawing import address
from emmaus.web.events import EVENT, Event, Events, named
from emmaus.web.life import Life, life
from emmaus.web.room import Room
from emmaus.web.shown import Shown
from emmaus.web.tagging import Public, Tagged
from emmaus.web.talks import OpenTalk
from emmaus.web.watching import Watch, watched
from emmaus.web.wheel import Wheel, wheel

BROKEN = "something broke inside Emmaus: what was kept is safe, the terminal that runs it says more"
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer as it comes.", "content": {"text/event-stream": {"schema": EVENT}}}
}
_log = logging.getLogger("emmaus.web")


class Question(BaseModel):
    """A question, and the talk that it goes on with; without one, a new talk begins."""

    model_config = ConfigDict(extra="forbid")

    question: str
    talk: str | None = None


class Judgement(BaseModel):
    """What a person says of an answer."""

    model_config = ConfigDict(extra="forbid")

    talk: str
    turn: str
    value: Value = 0
    reason: str = ""
    flag: StrictBool = False
    correction: str | None = None


class Allowed(BaseModel):
    """The scopes that hold from now on; none withdraws everything."""

    model_config = ConfigDict(extra="forbid")

    scopes: Annotated[frozenset[Scope], Field(json_schema_extra={"uniqueItems": False})]


@dataclass(frozen=True, slots=True)
class Listed:
    """A character, and the life that their card tells."""

    slug: str
    name: str
    title: str
    era: str
    """When they lived, in words."""
    years: tuple[int, int]
    """First and last year; years before Christ are negative."""
    portrait: str
    """Address of their picture, an SVG."""
    page: str
    """Address of the page that tells their life."""
    life: Life
    sample_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the talk in which it was given."""

    talk: str
    turn: Shown
    kept: bool
    """Whether it lies in the store."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating that was kept."""

    id: str
    value: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many conversations were deleted."""

    conversations: int


def router(room: Room) -> APIRouter:
    """The routes under /api by which pages and programs talk, agree and look around."""
    routes = APIRouter(prefix="/api", route_class=Tagged)
    open_to_all = APIRouter(route_class=Public)
    _chat(routes, room)
    _person(routes, room)

    @open_to_all.get("/characters")
    def characters() -> list[Listed]:
        """Everybody who can be talked with."""
        return [_listed(character) for character in room.home.characters()]

    @open_to_all.get("/characters/{character}")
    def one(character: str) -> Listed:
        """One of them."""
        return _listed(room.home.parts.pack.character(character))

    routes.include_router(open_to_all)

    @routes.get("/status")
    def status() -> list[Wheel]:
        """Where every wheel stands, without the number of scores."""
        return [wheel(room.home, character.slug, deep=False) for character in room.home.characters()]

    @routes.get("/status/{character}")
    def status_of(character: str) -> Wheel:
        """Where the wheel of one character stands."""
        return wheel(room.home, character)

    return routes


def _listed(character: Character) -> Listed:
    c = character
    years = (c.era.start, c.era.end)
    page = f"/characters/{c.slug}"
    return Listed(c.slug, c.name, c.title, c.era.label, years, address(c.slug), page, life(c), c.sample_questions)


def _chat(routes: APIRouter, room: Room) -> None:
    @routes.post("/chat/{character}")
    async def chat(request: Request, character: str, asked: Question) -> Answered:
        """Ask, and get the answer whole. Closing the connection stops the answer, and nothing of it is kept."""
        watch = Watch()

        def answer() -> Answered:
            opened = _opened(room, character, asked)
            with _speaking(room, opened, watch):
                *_, turn = opened.talk.say(asked.question)
                assert isinstance(turn, Turn)
            return Answered(opened.id, room.shown(turn), opened.talk.is_kept(turn))

        return await room.answers.whole(request, watch, answer)

    @routes.post("/chat/{character}/stream", response_class=Response, responses=STREAM)
    def stream(character: str, asked: Question) -> Response:
        """Ask, and get the answer as server-sent events: `talk`, many `text`, then `turn`; or `failed`.

        While the model is slow to begin, comment lines keep the connection alive. Closing it stops the answer, and
        nothing of it is kept.
        """
        watch = Watch()
        coming = _events(room, _opened(room, character, asked), asked.question, watch)
        return Events(coming, room.answers, watch, written=named)

    @routes.post("/rate")
    def rate(judged: Judgement) -> Rated:
        """Rate an answer of an open talk; it is kept, with what led to it, where keeping is allowed."""
        opened = room.talks.get(judged.talk)
        turn = opened.turn(judged.turn)
        rating = keep_and_rate(
            opened.talk,
            turn,
            judged.value,
            reason=judged.reason,
            flag=judged.flag,
            correction=judged.correction or None,
        )
        return Rated(rating.id, rating.value)


def _person(routes: APIRouter, room: Room) -> None:
    @routes.get("/consent")
    def allowed() -> Allowed:
        """Say what the person at this computer allows now."""
        return Allowed(scopes=room.allowed())

    @routes.put("/consent")
    def allow(wanted: Allowed) -> Allowed:
        """Say what is allowed from now on; exactly this holds."""
        return Allowed(scopes=room.home.consent(wanted.scopes).scopes)

    @routes.delete("/data")
    def forget() -> Forgotten:
        """Delete every conversation of the person at this computer."""
        room.talks.forget()
        room.remembered.forget(room.home.parts.subject)
        return Forgotten(room.home.forget())


def _opened(room: Room, character: str, asked: Question) -> OpenTalk:
    """Find the talk to go on with, checked before anything is sent."""
    checked_question(asked.question)
    if asked.talk is None:
        return room.talks.begin(character)
    opened = room.talks.get(asked.talk)
    if opened.character != character:
        raise BadInput(f"this conversation is with {opened.character}: begin a new one with {character}")
    return opened


class _speaking:
    """Holds a talk while its character answers, and lets them speak as they do now: an adapter may have changed."""

    def __init__(self, room: Room, opened: OpenTalk, watch: Watch) -> None:
        self._room, self._opened, self._watch = room, opened, watch

    def __enter__(self) -> None:
        if not self._opened.speaking.acquire(blocking=False):
            raise BadInput("the last question is still being answered: wait for it, or stop it")
        self._opened.talk.speaker = watched(self._room.home.parts, self._opened.character, self._watch)

    def __exit__(self, *_: object) -> None:
        self._opened.speaking.release()


def _events(room: Room, opened: OpenTalk, question: str, watch: Watch) -> Generator[Event, None, None]:
    try:
        with _speaking(room, opened, watch):
            yield "talk", {"talk": opened.id}
            yield from _answer(room, opened, question)
    except EmmausError as error:
        yield "failed", {"error": str(error)}
    except Exception:
        _log.exception("an answer broke off")
        yield "failed", {"error": BROKEN}


def _answer(room: Room, opened: OpenTalk, question: str) -> Generator[Event, None, None]:
    """Pass an answer on as a reader may see it: what it quotes or points at waits until it is whole."""
    with closing(opened.talk.deliver(question)) as coming:
        for piece in coming:
            if isinstance(piece, Turn):
                shown = room.shown(piece)
                html = room.turn(shown, opened.character)
                yield "turn", {"turn": plain(shown), "html": html, "kept": opened.talk.is_kept(piece)}
            else:
                yield "text", {"text": piece}
