"""The chat completions protocol as values: request bodies, answers, pieces of a stream, errors as sentences."""

import re
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from emmaus.errors import ContextOverflow, ModelError
from emmaus.models.markers import unmarked
from emmaus.models.protocols import End, Reply, Sampling, TokenLogprob
from emmaus.models.transport import Refused
from emmaus.types import Message

CHAT = "/chat/completions"

_OVERFLOW = (
    re.compile(r"\((?P<given>\d+) tokens\) exceeds the available context size \((?P<limit>\d+)"),
    re.compile(r"maximum context length is (?P<limit>\d+).*?(?P<given>\d+) in the messages", re.DOTALL),
    re.compile(r"maximum context length is (?P<limit>\d+)\D+(?P<given>\d+)"),
    re.compile(r"maximum context length is (?P<limit>\d+).*?(?P<given>\d+) (?:input )?tokens", re.DOTALL),
    re.compile(r"passed (?P<given>\d+) input tokens.*context length is only (?P<limit>\d+)", re.DOTALL),
    re.compile(r"first (?P<given>\d+) tokens.*context length of only (?P<limit>\d+)", re.DOTALL),
)
"""How llama.cpp, OpenAI, vLLM (old and new) and LM Studio say it."""

_FIX = "shorten the question or begin a new conversation"
_OVERFLOW_CODES = {"context_length_exceeded", "exceed_context_size_error"}


def body(messages: Sequence[Message], sampling: Sampling, model: str) -> dict[str, Any]:
    """Request body of one chat completion."""
    fields: dict[str, Any] = {
        "model": model,
        "messages": plain_messages(messages),
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
    }
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if sampling.top_logprobs:
        fields |= {"logprobs": True, "top_logprobs": sampling.top_logprobs}
    return fields


def plain_messages(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Messages as they are sent; nothing in them is a control token (see `unmarked`)."""
    return [{"role": message.role, "content": unmarked(message.content)} for message in messages]


def reply(data: Any) -> Reply:
    """Read a chat completion; what a server leaves out (usage, logprobs) stays empty."""
    try:
        choice = data["choices"][0]
        usage = data.get("usage") or {}
        tokens = (choice.get("logprobs") or {}).get("content") or ()
        return Reply(
            text=choice["message"].get("content") or "",
            finish=choice.get("finish_reason") or "stop",
            prompt_tokens=usage.get("prompt_tokens") or 0,
            completion_tokens=usage.get("completion_tokens") or 0,
            logprobs=tuple(_logprob(token) for token in tokens),
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ModelError(f"the model server's answer is not a chat completion: {str(data)[:200]}") from None


def _logprob(token: dict[str, Any]) -> TokenLogprob:
    top = tuple((other["token"], other["logprob"]) for other in token.get("top_logprobs") or ())
    return TokenLogprob(token["token"], token["logprob"], top)


def texts(events: Iterable[dict[str, Any]]) -> Generator[str, None, End]:
    """Yield the pieces of text in the events of a streamed chat completion; return how it ended."""
    finish, usage = "stop", dict[str, Any]()
    for event in events:
        usage = event.get("usage") or usage
        for choice in event.get("choices") or ():
            finish = choice.get("finish_reason") or finish
            piece = (choice.get("delta") or {}).get("content")
            if piece:
                yield piece
    return End(finish, usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0)


def overflow(refused: Refused, name: str) -> ContextOverflow | None:
    """Read a refusal as ContextOverflow, with both numbers where the server gives them; None when it is another."""
    details = refused.details
    given, limit = details.get("n_prompt_tokens"), details.get("n_ctx")
    if not (given and limit):
        match = next((found for pattern in _OVERFLOW if (found := pattern.search(refused.message))), None)
        if match:
            given, limit = int(match["given"]), int(match["limit"])
        elif not _OVERFLOW_CODES & {str(details.get("code")), str(details.get("type"))}:
            return None
    if given and limit:
        sentence = f"the conversation takes {given:,} tokens and {name} can hold {limit:,} at once: {_FIX}"
        return ContextOverflow(sentence, tokens=given, limit=limit)
    return ContextOverflow(f"the conversation is longer than {name} can hold at once: {_FIX}")


def require_room(tokens: int, context: int, sampling: Sampling, name: str) -> None:
    """Refuse a prompt of so many tokens that leaves no room for an answer: one that begins at the end is cut short.

    Raises:
        ContextOverflow: it leaves none in a window of `context`.
    """
    room = context - sampling.reserve(context)
    if tokens > room:
        raise ContextOverflow(
            f"the conversation takes {tokens:,} tokens and {name} can hold {context:,} at once, "
            f"{room:,} of them beside an answer: {_FIX}",
            tokens=tokens,
            limit=context,
        )
