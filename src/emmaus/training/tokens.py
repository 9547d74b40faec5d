"""Conversations as token ids, with a mark on every token that is to be learned.

Knows nothing of batches or models: text in, ids out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emmaus.errors import BadInput
from emmaus.models.markers import unmarked
from emmaus.types import Example, Message


@dataclass(frozen=True, slots=True)
class Tokens:
    """One conversation."""

    name: str
    """Which conversation this is, for messages to people."""
    ids: tuple[int, ...]
    learn: tuple[bool, ...]
    """True for the tokens of the answers and the token that ends each of them."""

    @property
    def answers(self) -> int:
        """How many tokens are learned."""
        return sum(self.learn)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A split as tokens, and the names of the conversations that were too long for it."""

    kept: tuple[Tokens, ...]
    too_long: tuple[str, ...]


def encode(examples: Sequence[Example], tokenizer: Any, max_length: int) -> Encoded:
    """Turn examples into tokens, leaving out (and naming) those longer than `max_length`; nothing is cut.

    Raises:
        BadInput: a conversation has no answer, or an empty one.
    """
    every = [encode_one(example.conversation, example.messages, tokenizer) for example in examples]
    return Encoded(
        tuple(tokens for tokens in every if len(tokens.ids) <= max_length),
        tuple(tokens.name for tokens in every if len(tokens.ids) > max_length),
    )


def encode_one(name: str, messages: Sequence[Message], tokenizer: Any) -> Tokens:
    """Render one conversation with the model's own chat template and mark what its assistant says.

    The whole text is tokenised at once, as the server tokenises a prompt; a token is learned when it begins inside an
    answer or is the end-of-turn token after it. A system prompt that the template would add is the template's business.

    Raises:
        BadInput: there is no answer, or an empty one.
    """
    spans: list[tuple[int, int]] = []
    plain = [{"role": message.role, "content": unmarked(message.content.strip())} for message in messages]
    for position, message in enumerate(messages):
        if message.role != "assistant":
            continue
        if not message.content.strip():
            raise BadInput(f"{name}: answer {len(spans) + 1} is empty; remove the conversation or write the answer")
        before = tokenizer.apply_chat_template(plain[:position], tokenize=False, add_generation_prompt=True)
        after = tokenizer.apply_chat_template(plain[: position + 1], tokenize=False).rstrip()
        spans.append((len(before), len(after)))
    if not spans:
        raise BadInput(f"{name}: no assistant message, so there is nothing to learn")
    text = tokenizer.apply_chat_template(plain, tokenize=False)
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return Tokens(name, tuple(encoding["input_ids"]), _inside(encoding["offset_mapping"], spans))


def _inside(offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    learn = []
    current = 0
    for start, _ in offsets:
        while current < len(spans) and start >= spans[current][1]:
            current += 1
        learn.append(current < len(spans) and start >= spans[current][0])
    return tuple(learn)
