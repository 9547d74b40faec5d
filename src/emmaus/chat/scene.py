"""Where a conversation takes place: the character, the words they stand on, and the index that finds them."""

from collections.abc import Sequence
from dataclasses import dataclass

from emmaus.chat.render import Exchange, Prompt
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

    def prompt(self, question: str, history: Sequence[Turn] = ()) -> Prompt:
        """A question with what goes with it. What was recalled in the turns so far is not recalled again."""
        used = {turn.recalled for turn in history if turn.recalled}
        return self._prompt(question, self.recall.nearest(question, without=used))

    def exchanges(self, turns: Sequence[Turn]) -> tuple[Exchange, ...]:
        """Turns as they were held, ready to render."""
        return tuple(map(self._held, turns))

    def staged(
        self, conversation: Conversation, *, wording: str | None = None, recalling: bool = False
    ) -> tuple[Exchange, ...]:
        """Turns to be learned, as a model would meet them.

        What was held is staged as it was held. Hand-written ones are given the passages that retrieval finds for them.
        They recall nothing, and teach to answer where nothing like it was asked before; with the first question in
        another `wording` they recall themselves, and teach to say again what is recalled; `recalling`, they recall
        other conversations, and teach to answer beside what is recalled.
        """
        if conversation.source is not Source.AUTHORED:
            return self.exchanges(conversation.turns)
        used = {conversation.id}
        exchanges = []
        for turn in conversation.turns:
            recalled = self.recall.nearest(turn.question, without=used) if recalling else None
            used |= {recalled.conversation} if recalled else set()
            exchanges.append(Exchange(self._prompt(turn.question, recalled, turn.passages), turn.answer))
        if wording is not None:
            first = conversation.turns[0]
            itself = Recalled(first.question, first.answer, first.passages, conversation.id)
            exchanges[0] = Exchange(self._prompt(wording, itself), first.answer)
        return tuple(exchanges)

    def _held(self, turn: Turn) -> Exchange:
        recalled = self.recall.get(turn.recalled) if turn.recalled else None
        return Exchange(Prompt(turn.question, self.corpus.found(turn.passages), recalled), turn.answer)

    def _prompt(self, question: str, recalled: Recalled | None, own: Sequence[str] = ()) -> Prompt:
        """A question with what goes with it; `own` are references that its answer, where there is one, points at."""
        return Prompt(question, self._passages(question, (*own, *(recalled.passages if recalled else ()))), recalled)

    def _passages(self, question: str, pointed: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Passages for a question: those that an existing good answer points at, then those found.

        Their order depends on the words only, so a model cannot learn that the one to point at comes first.
        """
        found = self.index.retrieve(question, self.character, PASSAGES)
        unique = {passage.reference: passage for passage in (*self.corpus.found(pointed), *found)}
        chosen = list(unique.values())[:PASSAGES]
        return tuple(sorted(chosen, key=lambda passage: digest([question, passage.reference])))
