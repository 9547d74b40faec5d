"""A ChatModel that answers by rule: for tests, demonstrations, and wheels that turn without a model."""

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from emmaus.errors import ModelError
from emmaus.models import wire
from emmaus.models.protocols import DEFAULT_SAMPLING, End, Reply, Sampling
from emmaus.models.stopping import Stop
from emmaus.types import Message

Rule: TypeAlias = Callable[[Sequence[Message], str | None], str]
Script: TypeAlias = str | Rule | Mapping[str, str] | Iterable[str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a ScriptedModel was given."""

    messages: tuple[Message, ...]
    sampling: Sampling
    adapter: str | None


class ScriptedModel:
    """Answers from a script, and remembers every call in `calls`.

    A script is one answer for all; a function of messages and adapter; a mapping, of which the longest key found in
    the last message answers ("" answers the rest); or a list, answered in turn. `by_adapter` gives adapters scripts
    of their own. Words count as tokens: `max_tokens` cuts, and so does the end of the window of `context` words; stop
    strings stop, and a prompt that leaves no room for an answer there overflows. Thread-safe.
    """

    def __init__(
        self,
        script: Script = "I hear you.",
        *,
        by_adapter: Mapping[str, Script] | None = None,
        name: str = "scripted",
        context: int = 4096,
        english_only: bool = False,
        delay: float = 0.0,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        """Take the script; `delay` is slept, in seconds, before each piece of a stream and each whole answer.

        `sleep` sleeps in place of what can be stopped meanwhile.
        `english_only` is what it says of itself (see `only_english`).
        """
        self.calls: list[Call] = []
        self._lock = Lock()
        self._name = name
        self._context = context
        self.english_only = english_only
        self._delay = delay
        self._sleep = sleep
        self._rule = _rule(script)
        self._rules = {adapter: _rule(own) for adapter, own in (by_adapter or {}).items()}

    @property
    def name(self) -> str:
        """The name it was given."""
        return self._name

    def reply(
        self, messages: Sequence[Message], sampling: Sampling = DEFAULT_SAMPLING, *, adapter: str | None = None
    ) -> Reply:
        """Answer in one piece; see `ChatModel.reply`."""
        reply = self._answer(messages, sampling, adapter)
        if self._delay:
            (self._sleep or time.sleep)(self._delay)
        return reply

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = DEFAULT_SAMPLING,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Answer word by word; see `ChatModel.stream`."""
        stop = stop or Stop()
        reply = self._answer(messages, sampling, adapter)
        for piece in _pieces(reply.text):
            if self._delay:
                (self._sleep or stop.wait)(self._delay)
            stop.require()
            yield piece
        return End(reply.finish, reply.prompt_tokens, reply.completion_tokens)

    def _answer(self, messages: Sequence[Message], sampling: Sampling, adapter: str | None) -> Reply:
        asked = sum(len(message.content.split()) for message in messages)
        wire.require_room(asked, self._context, sampling, self._name)
        with self._lock:
            self.calls.append(Call(tuple(messages), sampling, adapter))
            text = self._rules.get(adapter or "", self._rule)(messages, adapter)
        for stop in sampling.stop:
            text = text.split(stop, 1)[0]
        pieces = _pieces(text)
        kept = pieces[: min(sampling.max_tokens, self._context - asked)]
        finish = "length" if len(kept) < len(pieces) else "stop"
        return Reply("".join(kept), finish, prompt_tokens=asked, completion_tokens=len(kept))


def _pieces(text: str) -> list[str]:
    """Cut before each space, so that the pieces join to the text again."""
    return [piece for piece in text.replace(" ", "\0 ").split("\0") if piece]


def _rule(script: Script) -> Rule:
    if isinstance(script, str):
        return lambda messages, adapter: script
    if callable(script):
        return script
    if isinstance(script, Mapping):
        return _looked_up(script)
    return _in_turn(script)


def _looked_up(answers: Mapping[str, str]) -> Rule:
    def rule(messages: Sequence[Message], adapter: str | None) -> str:
        asked = messages[-1].content
        found = [key for key in answers if key in asked]
        if not found:
            raise ModelError(f"the script has no answer to {asked[:80]!r}: add a key that it contains, or ''")
        return answers[max(found, key=len)]

    return rule


def _in_turn(answers: Iterable[str]) -> Rule:
    rest = iter(answers)

    def rule(messages: Sequence[Message], adapter: str | None) -> str:
        answer = next(rest, None)
        if answer is None:
            raise ModelError("the script has no answer left: give it a longer list")
        return answer

    return rule
