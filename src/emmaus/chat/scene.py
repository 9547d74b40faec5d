"""Where a conversation takes place: the character, the words they stand on, and the index that finds them."""

from collections.abc import Sequence
from dataclasses import dataclass

from emmaus.chat.render import Exchange
from emmaus.grounding.recall import Recall, Recalled
from emmaus.grounding.retrieval import Index
from emmaus.packs import Corpus, Pack
from emmaus.types import Character, Conversation, Passage, Source, Turn, digest

PASSAGES = 2
"""Passages in a prompt: each costs some 40 tokens, a quarter of a second before the first word on two cores."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A character with everything an answer can stand on. It knows nothing of models."""

    pack: Pack
    character: Character
    corpus: Corpus
    index: Index
    recall: Recall

    def passages(self, question: str, pointed: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Passages for a question. `pointed` references (of an answer that exists already) always come among them."""
        found = list(self.index.retrieve(question, self.character, PASSAGES))
        for passage in self.corpus.found(pointed):
            if all(other.reference != passage.reference for other in found):
                found = found[: PASSAGES - 1]
                # Where it stands depends on the words only, so a model cannot learn that the pointed one comes first.
                found.insert(int(digest([question, passage.reference]), 16) % (len(found) + 1), passage)
        return tuple(found)

    def recalled(self, question: str, *, without: str | None = None) -> Recalled | None:
        """A past good answer to a question like this one; `without` names a conversation that does not count."""
        return self.recall.nearest(question, without=without)

    def exchanges(self, turns: Sequence[Turn]) -> tuple[Exchange, ...]:
        """Turns of a conversation as they were asked, ready to render."""
        return tuple(
            Exchange(
                turn.question,
                self.corpus.found(turn.passages),
                self.recalled(turn.question),
                turn.answer,
            )
            for turn in turns
        )

    def staged(self, conversation: Conversation) -> tuple[Exchange, ...]:
        """Turns to be learned, as a model would meet them.

        Hand-written ones are given the passages that retrieval finds for them, and none recalls itself.
        """
        authored = conversation.source is Source.AUTHORED
        return tuple(
            Exchange(
                turn.question,
                self.passages(turn.question, turn.passages) if authored else self.corpus.found(turn.passages),
                self.recalled(turn.question, without=conversation.id),
                turn.answer,
            )
            for turn in conversation.turns
        )
