"""The chat completions protocol as it comes in and goes out: what is taken of a request, what is refused, what is sent.

Knows nothing of characters. What would change an answer and cannot be done is refused; what says how to bill, cache or
trace a request, or is not known, is passed over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StrictBool, StrictInt

from emmaus.errors import BadInput
from emmaus.models.protocols import DEFAULT_SAMPLING, Sampling
from emmaus.types import sound

MOST_TOKENS = 1024
"""Tokens of an answer, whatever is asked for: characters speak, they write no books."""
SEEDS = 2**31
"""Seeds that every model server takes."""
REFUSED = {
    "audio": "characters only write",
    "frequency_penalty": "how characters draw their words is tuned for them: leave it out, or send 0",
    "functions": "characters call nothing",
    "logit_bias": "how characters draw their words is tuned for them: leave it out",
    "logprobs": "what is delivered is set right after it is drawn, so it has no probabilities: leave it out",
    "presence_penalty": "how characters draw their words is tuned for them: leave it out, or send 0",
    "tools": "characters call no tools: leave them out",
    "top_logprobs": "what is delivered is set right after it is drawn, so it has no probabilities: leave it out",
}
"""What cannot be done, and why; what says nothing (null, 0, false, an empty list) is fine."""

Real = Annotated[float, Strict()]


class Unsupported(BadInput):
    """A request to the gateway that it cannot serve; `param` and `reason` (its `code`) are OpenAI's."""

    def __init__(self, message: str, param: str, reason: str = "unsupported_value", kind: str = "bad-input") -> None:
        super().__init__(message)
        self.param = param
        self.reason = reason
        self.kind = kind


class Part(BaseModel):
    """A piece of a message; only text is taken."""

    type: str
    text: str = ""


class Said(BaseModel):
    """A message. Those of `system` and `developer` are passed over: who speaks is told by their card alone."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    """How a stream is sent."""

    include_usage: StrictBool | None = None


class Completion(BaseModel):
    """A request, as every OpenAI client sends it; the last message is the question."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    model: str
    """A character: an id that GET /v1/models lists."""
    messages: Annotated[list[Said], Field(min_length=1)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[Real, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Real, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[StrictInt, Field(ge=1)] | None = None
    """At most 1,024 are given, 160 where nothing is said."""
    seed: StrictInt | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    n: Annotated[StrictInt, Field(ge=1)] | None = None
    """1: an answer has one form."""
    store: StrictBool | None = None
    """true keeps the answer, so that it can be rated, where whoever asks allows that what they say is kept."""
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    audio: Any = None
    frequency_penalty: Any = None
    functions: Any = None
    logit_bias: Any = None
    logprobs: Any = None
    presence_penalty: Any = None
    tools: Any = None
    top_logprobs: Any = None

    @property
    def usage(self) -> bool:
        """Whether a stream shall end with its counts."""
        return bool(self.stream_options and self.stream_options.include_usage)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of whom, after what."""

    character: str
    question: str
    before: tuple[tuple[str, str], ...]
    """Questions and answers so far, as the client tells them."""
    sampling: Sampling
    store: bool


def asked(given: Completion) -> Asked:
    """Take what can be served of a request.

    Raises:
        Unsupported: it wants something that cannot be done, or its messages end with no question.
    """
    for name, why in REFUSED.items():
        if getattr(given, name):
            raise Unsupported(f"'{name}' is not supported here: {why}", name)
    if given.n not in (None, 1):
        raise Unsupported(f"n = {given.n} is not supported here: one answer is given, ask again for another", "n")
    if (given.response_format or {}).get("type", "text") != "text":
        raise Unsupported("'response_format' is not supported here: characters answer in words", "response_format")
    if set(given.modalities or ()) - {"text"}:
        raise Unsupported("'modalities' is not supported here: characters only write", "modalities")
    before, question = talk(given.messages)
    return Asked(given.model, question, before, sampling(given), bool(given.store))


def sampling(given: Completion) -> Sampling:
    """How to draw: as a chat does, but for what the request says."""
    usual = DEFAULT_SAMPLING
    stop = (given.stop,) if isinstance(given.stop, str) else tuple(given.stop or ())
    most = given.max_completion_tokens or given.max_tokens or usual.max_tokens
    return Sampling(
        temperature=usual.temperature if given.temperature is None else given.temperature,
        top_p=usual.top_p if given.top_p is None else given.top_p,
        max_tokens=min(most, MOST_TOKENS),
        seed=None if given.seed is None else given.seed % SEEDS,
        stop=tuple(sound(text) for text in stop if text),
    )


def talk(messages: Iterable[Said]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Read messages as questions with their answers, and the question that they end with.

    Several in a row of one role are one. What an assistant says before anything was asked, a greeting, is left out.
    """
    told = [(message.role, _text(number, message)) for number, message in enumerate(messages)]
    spoken = [(role, text) for role, text in told if role in {"user", "assistant"} and text.strip()]
    merged = [(role, "\n\n".join(text for _, text in some)) for role, some in groupby(spoken, key=lambda one: one[0])]
    if not merged or merged[-1][0] != "user":
        raise Unsupported("the messages end with no question: let the last one be of the user", "messages")
    return tuple((one[1], two[1]) for one, two in pairwise(merged) if one[0] == "user"), merged[-1][1]


def _text(number: int, message: Said) -> str:
    if message.role in {"tool", "function"}:
        raise Unsupported(
            "characters call no tools, so there is nothing that one could say", f"messages[{number}].role"
        )
    if message.content is None or isinstance(message.content, str):
        return sound(message.content or "")
    for part in message.content:
        if part.type not in {"text", "input_text", "refusal"}:
            raise Unsupported(
                f"a character reads only text, not '{sound(part.type)}'", f"messages[{number}].content", "invalid_type"
            )
    return sound("\n".join(part.text for part in message.content))
