"""The gateway: each character is a model that any OpenAI client can talk to, with all that the page does for an answer.

What a client sends is the talk so far and a question. The question is checked for danger and for counsel that no
character gives, verses are looked up for it, and what is delivered is set right as on the page. Nothing is kept, unless
the request says `store: true` and whoever asks allows it.
"""

import json
import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emmaus.chat import Awaited, delivered, opened_with, stream
from emmaus.errors import EmmausError, NotFound
from emmaus.shown import bare
from emmaus.types import CARE, Character, Scope, Turn, digest, plain
from emmaus.web import problems
from emmaus.web.completions import Asked, Completion, Unsupported, asked
from emmaus.web.events import EVENT, Events
from emmaus.web.remembered import read
from emmaus.web.room import Room
from emmaus.web.subject import subject_of
from emmaus.web.talking import BROKEN
from emmaus.web.watching import Watch, watched

MOST_TURNS = 40
"""Turns before a question that are looked at; of longer talks the last ones."""
_log = logging.getLogger("emmaus.web")


@dataclass(frozen=True, slots=True)
class Model:
    """A character as a model. `created` is 0: nobody knows."""

    id: str
    name: str
    description: str
    object: str = "model"
    created: int = 0
    owned_by: str = "emmaus"


@dataclass(frozen=True, slots=True)
class Models:
    """All of them."""

    data: tuple[Model, ...]
    object: str = "list"


def router(room: Room) -> APIRouter:
    """All routes under /v1."""
    routes = APIRouter(prefix="/v1")

    def known(slug: str) -> str:
        try:
            return room.home.parts.pack.known(slug)
        except NotFound as error:
            raise Unsupported(str(error), "model", "model_not_found", "not-found") from error

    @routes.get("/models")
    def models() -> Models:
        """Every character, as a model."""
        return Models(tuple(map(_model, room.home.characters())))

    @routes.get("/models/{model}")
    def model(model: str) -> Model:
        """One of them."""
        return _model(room.home.parts.pack.character(known(model)))

    @routes.post("/chat/completions", response_class=Response, responses=COMPLETED)
    async def completions(request: Request, given: Completion) -> Response:
        """Ask a character, and get the answer whole, or with `stream` as it comes. Closing the connection stops it."""
        question = asked(given)
        known(question.character)
        watch = Watch()
        answer = _Answer(room, question, subject_of(request), watch)
        if given.stream:
            chunks = answer.chunks(usage=given.usage)
            return Events(chunks, room.answers, watch, question.question, written=_data, broken=_broken)
        return JSONResponse(await room.answers.whole(request, watch, answer.whole, question.question))

    return routes


def _model(character: Character) -> Model:
    return Model(character.slug, character.name, f"{character.name}, {character.title}. {character.era.label}.")


class _Answer:
    """One answer to a client, and how it is told."""

    def __init__(self, room: Room, question: Asked, subject: str, watch: Watch) -> None:
        self._room, self._asked, self._subject, self._watch = room, question, subject, watch
        self._frame = {
            "id": "chatcmpl-" + token_hex(12),
            "created": int(room.home.clock()),
            "model": question.character,
        }

    def whole(self) -> dict[str, Any]:
        """The answer in one piece."""
        *pieces, turn = self._said()
        assert isinstance(turn, Turn)
        text = "".join(piece for piece in pieces if isinstance(piece, str))
        message = {"role": "assistant", "content": text.strip(), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._watch.finish}
        return {
            **self._frame,
            "object": "chat.completion",
            "choices": [choice],
            "usage": self._usage(),
            "system_fingerprint": _fingerprint(turn),
            "emmaus": self._beside(turn, text),
        }

    def chunks(self, *, usage: bool) -> Generator[dict[str, Any] | None, None, None]:
        """The answer as it comes; None is its end."""
        opened, text = False, ""
        for piece in self._said():
            if isinstance(piece, Turn):
                beside = self._beside(piece, text)
                ended = self._chunk({}, self._watch.finish, usage)
                yield {**ended, "system_fingerprint": _fingerprint(piece), "emmaus": beside}
            elif piece:
                if not opened:
                    opened = True
                    yield self._chunk({"role": "assistant", "content": ""}, None, usage)
                text += piece
                yield self._chunk({"content": piece}, None, usage)
        if usage:
            yield {**self._frame, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()}
        yield None

    def _chunk(self, delta: dict[str, str], finish: str | None, usage: bool) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        counts = {"usage": None} if usage else {}
        return {**self._frame, "object": "chat.completion.chunk", "choices": [choice], **counts}

    def _said(self) -> Iterator[str | Turn]:
        """Pieces that a reader may see, then the turn; it is kept and remembered by then, where it may be."""
        a, subject, remembered = self._asked, self._subject, self._room.remembered
        begun = remembered.times_forgotten(subject)
        history = self._history()
        speaker = watched(self._room.home.parts, a.character, self._watch)
        text = ""
        for piece in delivered(speaker, stream(speaker, a.question, history, a.sampling)):
            if isinstance(piece, str):
                text += piece
            else:
                with remembered.unforgotten(subject, begun) as known:
                    if known:
                        self._keep(speaker, history, piece)
                        remembered.add(subject, a.character, a.question, text, piece)
            yield piece

    def _history(self) -> list[Turn]:
        """The talk so far: turns as they were held where they are remembered, else read from their words."""
        a, home = self._asked, self._room.home
        told = a.before[-MOST_TURNS:]
        found = [self._room.remembered.get(self._subject, a.character, *pair) for pair in told]
        try:
            corpus = self._room.corpus if None in found else None
        except EmmausError:  # help is given whatever is broken
            _log.info("no translation of %s can be read", home.parts.pack.name)
            corpus = None
        pairs = zip(told, found, strict=True)
        return [turn or read([pair], corpus)[0] for pair, turn in pairs]

    def _keep(self, speaker: Awaited, history: list[Turn], turn: Turn) -> None:
        """Keep a turn where the request asks for it and the person allows it, in the conversation that it goes on with.

        That is one that is kept and consists of just these turns. Otherwise it is kept alone: what a client says was
        answered before was not said here.
        """
        store, subject = self._room.home.store, self._subject
        try:
            if not self._asked.store or Scope.STORE not in store.consent(subject):
                return
            before = store.conversation_of(history[-1].id) if history and history[-1].id else None
            if before and before.subject == subject and [t.id for t in before.turns] == [t.id for t in history]:
                store.append_turn(before.id, turn)
            else:
                opened_with((turn,), store, speaker, subject)
        except EmmausError:
            if turn.model != CARE:  # help is given also where it cannot be kept
                raise

    def _beside(self, turn: Turn, text: str) -> dict[str, Any]:
        """What stands beside an answer: what it stands on, what checks found in it, and whether it is kept."""
        try:
            shown = self._room.shown(turn)
        except EmmausError:
            shown = bare(turn)
        found = self._room.home.store.conversation_of(turn.id) if self._asked.store else None
        return {
            "turn": turn.id,
            "care": shown.care,
            "stands_on": plain(shown.stands_on),
            "findings": plain(turn.findings),
            "conversation": found.id if found else None,
            "kept": found is not None,
        }

    def _usage(self) -> dict[str, int]:
        last = self._watch.drawn[-1] if self._watch.drawn else None
        given, said = (last.prompt_tokens, last.completion_tokens) if last else (0, 0)
        return {"prompt_tokens": given, "completion_tokens": said, "total_tokens": given + said}


def _fingerprint(turn: Turn) -> str:
    """Name what answered: the model, the adapter, and the prompt with all that fills it."""
    return "fp_" + digest([turn.model, turn.adapter, turn.prompt], 12)


def _data(chunk: dict[str, Any] | None) -> bytes:
    return b"data: [DONE]\n\n" if chunk is None else f"data: {json.dumps(chunk)}\n\n".encode()


def _broken(error: Exception) -> bytes:
    """Tell in a stream that has begun what went wrong."""
    if isinstance(error, EmmausError):
        return _data(problems.openai_error(problems.kind_of(error), str(error)))
    _log.error("an answer broke off", exc_info=error)
    return _data(problems.openai_error(problems.of_status(500), BROKEN))


_TEXT = {"type": "string"}
_USAGE = {
    "type": "object",
    "required": ["prompt_tokens", "completion_tokens", "total_tokens"],
    "additionalProperties": {"type": "integer"},
}
_CHOICE = {
    "type": "object",
    "required": ["index", "message", "finish_reason"],
    "properties": {
        "index": {"type": "integer"},
        "message": {
            "type": "object",
            "required": ["role", "content"],
            "properties": {"role": {"const": "assistant"}, "content": _TEXT},
        },
        "finish_reason": {"enum": ["stop", "length"]},
    },
}
COMPLETED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, chunks of it as server-sent events, and [DONE].",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "object", "created", "model", "choices", "usage", "emmaus"],
                    "properties": {
                        "id": _TEXT,
                        "object": {"const": "chat.completion"},
                        "created": {"type": "integer"},
                        "model": _TEXT,
                        "choices": {"type": "array", "items": _CHOICE},
                        "usage": _USAGE,
                        "emmaus": {
                            "type": "object",
                            "description": "The turn, what it stands on, what checks found, and whether it is kept.",
                        },
                    },
                }
            },
            "text/event-stream": {"schema": EVENT},
        },
    }
}
