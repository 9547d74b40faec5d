"""Talking, for pages and programs: questions and their answers, whole or as they come, and what is said of them."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StrictBool
from starlette.requests import Request
from starlette.responses import Response

from emmaus import feedback
from emmaus.chat import checked_question
from emmaus.errors import BadInput, Cancelled, EmmausError
from emmaus.feedback import Value, keep_and_rate
from emmaus.shown import Shown
from emmaus.types import Better, Draft, Turn, plain
from emmaus.web.door import allowed
from emmaus.web.events import EVENT, Event, Events, named
from emmaus.web.room import Room
from emmaus.web.subject import Subject
from emmaus.web.tagging import Tagged
from emmaus.web.talks import OpenTalk
from emmaus.web.watching import Watch, watched

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
    instead: str | None = None
    """Id of a turn whose place the new one takes, with all that followed it; or of an answer that broke off."""


class About(BaseModel):
    """A turn of an open talk."""

    model_config = ConfigDict(extra="forbid")

    talk: str
    turn: str


class Preferred(About):
    """Which of two answers is better."""

    better: Better


class Judgement(About):
    """What a person says of an answer."""

    value: Value = 0
    reason: str = ""
    reasons: tuple[str, ...] = ()
    """Names of the usual reasons."""
    flag: StrictBool = False
    correction: str | None = None


class OfTalk(BaseModel):
    """An open talk."""

    model_config = ConfigDict(extra="forbid")

    talk: str


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
class Compared:
    """A preference that was kept, and the answer that stands in the talk now."""

    id: str
    turn: Shown
    html: str


@dataclass(frozen=True, slots=True)
class Stopping:
    """Whether an answer was coming."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class ModelState:
    """How the model stands that answers."""

    state: str
    """`ready`, `asleep` (the next question starts it), `starting`, `restarting` after it died, or `elsewhere`."""


def router(room: Room) -> APIRouter:
    """All routes of talking."""
    routes = APIRouter(prefix="/api", route_class=Tagged)
    _asking(routes, room)
    _judging(routes, room)
    return routes


def _asking(routes: APIRouter, room: Room) -> None:
    @routes.post("/chat/{character}")
    async def chat(request: Request, character: str, asked: Question, subject: Subject) -> Answered:
        """Ask, and get the answer whole. Closing the connection stops the answer, and nothing of it is kept."""
        watch = Watch()

        def answer() -> Answered:
            opened = _opened(room, character, asked, subject)
            with _speaking(room, opened, watch, asked.question):
                *_, turn = opened.talk.say(asked.question, instead=asked.instead)
                assert isinstance(turn, Turn)
            return Answered(opened.id, room.shown(turn), opened.talk.is_kept(turn))

        return await room.answers.whole(request, watch, answer, asked.question)

    @routes.post("/chat/{character}/stream", response_class=Response, responses=STREAM)
    def stream(character: str, asked: Question, subject: Subject) -> Response:
        """Ask, and get the answer as server-sent events: `talk`, many `text`, then `turn`; or `stopped`, or `failed`.

        While the model is slow to begin, comment lines keep the connection alive. Closing it, or `/api/stop`, stops the
        answer. As much of it as came is shown with the talk from then on, and kept
        where keeping is allowed; it is no turn.
        """
        opened = _opened(room, character, asked, subject)

        def coming() -> Generator[str | Turn, None, None]:
            return opened.talk.deliver(asked.question, instead=asked.instead)

        return _streamed(room, opened, coming, asked.question)

    @routes.post("/chat/{character}/another", response_class=Response, responses=STREAM)
    def another(character: str, about: About, subject: Subject) -> Response:
        """Answer the question of a turn once more, to be compared with `/api/prefer`; events as of a stream."""
        opened = room.talks.get(about.talk, subject)
        opened.turn(about.turn)
        return _streamed(room, opened, lambda: opened.talk.another(about.turn))

    @routes.post("/stop")
    def stop(of: OfTalk, subject: Subject) -> Stopping:
        """End the answer that is coming in a talk."""
        return Stopping(room.talks.get(of.talk, subject).stop())

    @routes.delete("/drafts/{draft}", status_code=204, dependencies=[allowed("feedback")])
    def dismiss(draft: str, subject: Subject, talk: str | None = None) -> Response:
        """Drop an answer that broke off: of an open talk, or of none."""
        if talk is None:
            room.home.store.remove(Draft, id=draft, subject=subject)
        else:
            room.talks.get(talk, subject).talk.dismiss(draft)
        return Response(status_code=204)

    @routes.get("/model")
    def model() -> ModelState:
        """How the model stands that answers."""
        return ModelState(room.home.parts.state)


def _judging(routes: APIRouter, room: Room) -> None:
    judging = [allowed("feedback")]

    @routes.post("/rate", dependencies=judging)
    def rate(judged: Judgement, subject: Subject) -> Rated:
        """Rate an answer of an open talk; it is kept, with what led to it, where keeping is allowed."""
        opened = room.talks.get(judged.talk, subject)
        rating = keep_and_rate(
            opened.talk,
            opened.turn(judged.turn),
            judged.value,
            reason=judged.reason,
            flag=judged.flag,
            correction=judged.correction or None,
            reasons=judged.reasons,
        )
        return Rated(rating.id, rating.value)

    @routes.post("/prefer", dependencies=judging)
    def prefer(preferred: Preferred, subject: Subject) -> Compared:
        """Say which of two answers to one question is better; a better other one takes the turn's place."""
        opened = room.talks.get(preferred.talk, subject)
        place = opened.talk.turns.index(opened.turn(preferred.turn))
        made = opened.talk.prefer(preferred.turn, preferred.better)
        shown = room.shown(opened.talk.turns[place])
        return Compared(made.id, shown, room.turn(shown, opened.character))


def _opened(room: Room, character: str, asked: Question, subject: str) -> OpenTalk:
    """Find the talk to go on with, checked before anything is sent."""
    checked_question(asked.question)
    if asked.talk is None:
        opened = room.talks.begin(character, subject)
        if asked.instead:  # it broke off before any conversation was kept
            opened.talk.drafts += room.home.store.find(Draft, id=asked.instead, subject=subject)
        return opened
    opened = room.talks.get(asked.talk, subject)
    if opened.character != character:
        raise BadInput(f"this conversation is with {opened.character}: begin a new one with {character}")
    return opened


@contextmanager
def _speaking(room: Room, opened: OpenTalk, watch: Watch, question: str) -> Iterator[None]:
    """Hold a talk while its character answers, and let them speak as they do now: an adapter may have changed."""
    with opened.held(watch, question):
        opened.talk.speaker = watched(room.home.parts, opened.character, watch)
        yield


def _streamed(
    room: Room, opened: OpenTalk, answer: Callable[[], Generator[str | Turn, None, None]], question: str = ""
) -> Response:
    watch = Watch()
    events = _events(room, opened, answer, watch, question)
    return Events(events, room.answers, watch, question, written=named)


def _events(
    room: Room, opened: OpenTalk, answer: Callable[[], Generator[str | Turn, None, None]], watch: Watch, question: str
) -> Generator[Event, None, None]:
    known = {draft.id for draft in opened.talk.drafts}
    try:
        with _speaking(room, opened, watch, question):
            yield "talk", {"talk": opened.id}
            yield from _answer(room, opened, answer())
    except Cancelled:
        yield "stopped", {"html": _broken(room, opened, known)}
    except EmmausError as error:
        yield "failed", {"error": str(error), "html": _broken(room, opened, known)}
    except Exception:
        _log.exception("an answer broke off")
        yield "failed", {"error": BROKEN, "html": _broken(room, opened, known)}


def _answer(room: Room, opened: OpenTalk, answer: Generator[str | Turn, None, None]) -> Generator[Event, None, None]:
    """Pass an answer on as a reader may see it: what it quotes or points at waits until it is whole."""
    with closing(answer) as coming:
        for piece in coming:
            yield ("turn", _turn(room, opened, piece)) if isinstance(piece, Turn) else ("text", {"text": piece})


def _turn(room: Room, opened: OpenTalk, turn: Turn) -> dict[str, object]:
    shown = room.shown(turn)
    return {
        "turn": plain(shown),
        "html": room.turn(shown, opened.character),
        "kept": opened.talk.is_kept(turn),
        "compare": not shown.care and feedback.asked_about(room.home.store, opened.talk.subject, turn.id),
    }


def _broken(room: Room, opened: OpenTalk, known: set[str]) -> str:
    """What came of an answer that ended too early, as the chat page shows it; "" where nothing came."""
    broken: list[Draft] = [draft for draft in opened.talk.drafts if draft.id not in known]
    return "".join(map(room.draft, broken))
