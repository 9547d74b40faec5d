"""The one way from a character and a question to the messages that a model sees.

Chat, generation, training and evaluation all render here, so the character that is trained is the one that is served.
What stays the same comes first (card and rules, then the turns so far exactly as they were sent), because a server that
has seen a prefix before answers from its cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from emmaus.grounding.recall import Recalled
from emmaus.models.prompts import load
from emmaus.types import Character, Message, Passage, digest


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, what it was asked with, and the answer as the model wrote it."""

    question: str
    passages: tuple[Passage, ...]
    recalled: Recalled | None
    answer: str


def render(
    character: Character,
    history: Sequence[Exchange],
    question: str,
    passages: Sequence[Passage] = (),
    recalled: Recalled | None = None,
) -> tuple[Message, ...]:
    """Messages for the next answer: the system message, the turns so far, then the question and what goes with it."""
    messages = [Message("system", load("persona").text.strip().format(card=character.card.strip()))]
    for exchange in history:
        messages.append(Message("user", _ask(exchange.question, exchange.passages, exchange.recalled)))
        messages.append(Message("assistant", exchange.answer))
    return (*messages, Message("user", _ask(question, passages, recalled)))


def render_whole(character: Character, exchanges: Sequence[Exchange]) -> tuple[Message, ...]:
    """Messages of a finished conversation, as it is learned: what `render` gives for its last turn, and the answer."""
    *history, last = exchanges
    asked = render(character, history, last.question, last.passages, last.recalled)
    return (*asked, Message("assistant", last.answer))


def prompt_hash() -> str:
    """Hash of the templates: stored with every answer that they produced."""
    return digest([load("persona").hash, load("recalled").hash])


def _ask(question: str, passages: Sequence[Passage], recalled: Recalled | None) -> str:
    parts = []
    if passages:
        parts.append("\n".join(f"[{passage.reference}] {passage.text}" for passage in passages))
    if recalled:
        parts.append(load("recalled").text.strip().format(question=recalled.question, answer=recalled.answer))
    return "\n\n".join([*parts, question.strip()])
