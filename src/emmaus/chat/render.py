"""The one way from a character and a question to the messages that a model sees.

Chat, generation, training and evaluation all render here, so the character that is trained is the one that is served.
What stays the same comes first (card and rules, then the turns so far exactly as they were sent), because a server that
has seen a prefix before answers from its cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from emmaus.grounding.recall import Recalled
from emmaus.models.prompts import load
from emmaus.types import Character, Message, Passage, digest, source_hash

FILLERS = ("chat", "grounding", "packs", "packs/canon", "models/embedding.py", "models/layers.py", "models/markers.py")
"""What decides, beside the templates and the pack, which words a model sees, and whether the program answers itself.

Whole rooms, with the words, patterns and weights that lie in them: nothing that is added to one can be forgotten here.
"""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question, and what it is asked with."""

    question: str
    passages: tuple[Passage, ...] = ()
    recalled: Recalled | None = None
    beyond: tuple[str, ...] = ()
    """What the question asks about that the character cannot know."""

    @property
    def references(self) -> tuple[str, ...]:
        """References of the passages."""
        return tuple(passage.reference for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with what it was asked with, and the answer as the model wrote it."""

    prompt: Prompt
    answer: str


def render(character: Character, history: Sequence[Exchange], prompt: Prompt) -> tuple[Message, ...]:
    """Messages for the next answer: the system message, the turns so far, then the question and what goes with it."""
    messages = [Message("system", load("persona").text.strip().format(card=character.card.strip()))]
    for exchange in history:
        messages += [Message("user", _text(exchange.prompt)), Message("assistant", exchange.answer)]
    return (*messages, Message("user", _text(prompt)))


def render_whole(character: Character, exchanges: Sequence[Exchange]) -> tuple[Message, ...]:
    """Messages of a finished conversation, as it is learned: what `render` gives for its last turn, and the answer."""
    *history, last = exchanges
    return (*render(character, history, last.prompt), Message("assistant", last.answer))


def prompt_hash() -> str:
    """Hash of the templates and of all that fills them (`FILLERS`): stored with every answer that they produced."""
    return digest([load("persona").hash, load("recalled").hash, load("beyond").hash, source_hash(*FILLERS)])


def _text(prompt: Prompt) -> str:
    parts = []
    if prompt.passages:
        parts.append("\n".join(f"[{passage.reference}] {passage.text}" for passage in prompt.passages))
    if past := prompt.recalled:
        parts.append(load("recalled").text.strip().format(question=past.question, answer=past.answer))
    if prompt.beyond:
        parts.append(load("beyond").text.strip().format(terms=" or ".join(prompt.beyond)))
    return "\n\n".join([*parts, prompt.question.strip()])
