"""Where a conversation takes place: the character, the words they stand on, and the index that finds them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from emmaus.chat.care import CARE
from emmaus.chat.render import Asked, Exchange
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

    def asked(self, question: str, history: Sequence[Turn] = ()) -> tuple[tuple[Exchange, ...], Asked]:
        """The turns so far, ready to render, and what the next question is asked with. Nothing is recalled twice."""
        used: list[str] = []
        exchanges = []
        for turn in history:
            recalled = self._recalled(turn.question, used) if turn.model != CARE else None
            exchanges.append(Exchange(Asked(turn.question, self.corpus.found(turn.passages), recalled), turn.answer))
        recalled = self._recalled(question, used)
        pointed = recalled.passages if recalled else ()
        return tuple(exchanges), Asked(question, self._passages(question, pointed), recalled)

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
            *history, last = conversation.turns
            before, asked = self.asked(last.question, history)
            return (*before, Exchange(replace(asked, passages=self.corpus.found(last.passages)), last.answer))
        used = [conversation.id]
        exchanges = []
        for turn in conversation.turns:
            recalled = self._recalled(turn.question, used) if recalling else None
            pointed = (*turn.passages, *(recalled.passages if recalled else ()))
            asked = Asked(turn.question, self._passages(turn.question, pointed), recalled)
            exchanges.append(Exchange(asked, turn.answer))
        if wording is not None:
            first = conversation.turns[0]
            itself = Recalled(first.question, first.answer, first.passages, conversation.id)
            exchanges[0] = Exchange(Asked(wording, self._passages(wording, first.passages), itself), first.answer)
        return tuple(exchanges)

    def _recalled(self, question: str, used: list[str]) -> Recalled | None:
        """Recall a past good answer of none of the conversations `used`, and add its own to them."""
        found = self.recall.nearest(question, without=used)
        if found:
            used.append(found.conversation)
        return found

    def _passages(self, question: str, pointed: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Passages for a question: those that an existing good answer points at, then those found.

        Their order depends on the words only, so a model cannot learn that the one to point at comes first.
        """
        found = self.index.retrieve(question, self.character, PASSAGES)
        unique = {passage.reference: passage for passage in (*self.corpus.found(pointed), *found)}
        chosen = list(unique.values())[:PASSAGES]
        return tuple(sorted(chosen, key=lambda passage: digest([question, passage.reference])))
