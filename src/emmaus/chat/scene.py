"""Where a conversation takes place: the character, the words they stand on, and the index that finds them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from emmaus.chat.render import Exchange, Prompt, prompt_hash
from emmaus.errors import ModelError
from emmaus.grounding.asked import Asked, ask
from emmaus.grounding.bounds import unknown, widest, within
from emmaus.grounding.citations import Repaired, repair
from emmaus.grounding.disclosure import asks_who_answers
from emmaus.grounding.past import Past
from emmaus.grounding.recall import Recall, Recalled
from emmaus.grounding.retrieval import Index
from emmaus.grounding.timeline import denies, disclaims, places
from emmaus.models.embedding import ServedEmbedder
from emmaus.packs import Corpus, Pack
from emmaus.types import Character, Conversation, Passage, Source, Turn, digest

PASSAGES = 2
"""Passages in a prompt: each costs some 40 tokens, a quarter of a second before the first word on two cores."""
SAME = 0.75
"""Cosine (MiniLM) from which two questions ask the same in other words."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A character with everything an answer can stand on. It knows nothing of models."""

    pack: Pack
    character: Character
    corpus: Corpus
    index: Index
    recall: Recall
    past: Past | None = None
    """Good answers to real people, where the answer is for one; nothing is generated, trained or evaluated on them."""

    @property
    def inside(self) -> bool:
        """Whether what is asked is looked for in this process alone, and sent nowhere."""
        return not any(isinstance(one, ServedEmbedder) for one in (self.index.meaning.embedder, self.recall.embedder))

    @property
    def hash(self) -> str:
        """Hash of everything that an answer stands on, except the model and what people liked.

        The character and the pack, the words of all translations, the embedders by which verses and past answers are
        found, and the program that finds them. It holds once there are vectors: until then words alone find verses.
        """
        words = [corpus.hash for corpus in (self.corpus, *self.others)]
        finders = [self.index.meaning.embedder.name, self.recall.embedder.name]
        return digest([self.pack.hash, self.character, words, finders, prompt_hash()])

    def prompt(self, question: str, history: Sequence[Turn] = ()) -> Prompt:
        """A question with what goes with it. What was recalled in the turns so far is not recalled again.

        To a question about what lies beyond the character, an answer is recalled that said so of something else; to
        the question whether a program answers, one that says that it is a program.
        """
        used = {turn.recalled for turn in history if turn.recalled}
        asked, beyond, recalled = ask(question, self.recall.embedder), self.unknown(question), None
        with suppress(ModelError):  # without vectors nothing is recalled
            if asks_who_answers(question):
                recalled = self.recall.nearest(asked, among=_disclosing(self.recall))
            elif not beyond:
                recalled = self._recalled(asked, frozenset(used))
            elif declined := self.recall.nearest(asked, without=used, among=self.declined):
                recalled = self._of_this(declined, beyond)
        return self._prompt(question, recalled, beyond=beyond, asked=asked)

    def _recalled(self, question: Asked, used: frozenset[str]) -> Recalled | None:
        """The likest of what was written by hand and of what people liked.

        An answer that says "I do not know" is recalled to no other question about what the character does know.
        """
        without = set(used)
        while (written := self.recall.found(question, without=without)) and self._declines(written[0]):
            without.add(written[0].conversation)
        if written and written[1] < SAME and denies(written[0].answer) and self._within(question.text):
            written = self.recall.found(question, without=without | self.declined | _denying(self.recall))
        lived = self.past.found(question, without=used) if self.past else None
        best = max((one for one in (written, lived) if one), key=lambda one: one[1], default=None)
        return best[0] if best else None

    @property
    def others(self) -> tuple[Corpus, ...]:
        """The translations beside the one that is shown: their words are as true."""
        return self.pack.beside(self.corpus)

    def delivered(self, answer: str, references: Sequence[str] = ()) -> Repaired:
        """Return an answer as a reader sees it; `references` are of the passages that stood in its prompt."""
        return repair(answer, self.corpus, self.corpus.found(references), self.others)

    def unknown(self, question: str) -> tuple[str, ...]:
        """List what a question asks about that the character cannot know."""
        return unknown(question, self.character, self.pack)

    def beyond(self, prompt: Prompt) -> bool | None:
        """Whether a question lies beyond the character (True), within what they know (False), or perhaps (None)."""
        if prompt.beyond:
            return True
        denied = prompt.recalled is not None and denies(prompt.recalled.answer)
        return None if denied or not self._within(prompt.question) else False

    def _within(self, question: str) -> bool:
        return within(question, self.character, self.pack)

    @property
    def declined(self) -> frozenset[str]:
        """Ids of the past conversations that open with something beyond the character."""
        return _declined(self.recall, self.character, self.pack)

    def _declines(self, past: Recalled) -> bool:
        return _is_declined(past, self.character, self.pack)

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
        recalled = self._again(turn.recalled) if turn.recalled else None
        beyond = self.unknown(turn.question)
        if recalled and beyond:
            recalled = self._of_this(recalled, beyond)
        return Exchange(Prompt(turn.question, self.corpus.found(turn.passages), recalled, beyond), turn.answer)

    def _again(self, name: str) -> Recalled | None:
        return self.recall.get(name) or (self.past.get(name) if self.past else None)

    def _prompt(
        self,
        question: str,
        recalled: Recalled | None,
        own: Sequence[str] = (),
        beyond: tuple[str, ...] | None = None,
        asked: Asked | None = None,
    ) -> Prompt:
        """A question with what goes with it; `own` are references that its answer, where there is one, points at."""
        passages = self._passages(asked or question, (*own, *(recalled.passages if recalled else ())))
        return Prompt(question, passages, recalled, self.unknown(question) if beyond is None else beyond)

    def _of_this(self, recalled: Recalled, beyond: tuple[str, ...]) -> Recalled:
        """An answer that declined something else, as it would have declined this."""
        others = self.unknown(recalled.question)
        if len(others) != 1:
            return recalled
        other = re.compile(rf"\b{re.escape(others[0])}\b", re.IGNORECASE)

        def of_this(text: str) -> str:
            found = {*places(text, self.character, self.pack), *(match.span() for match in other.finditer(text))}
            for start, end in reversed(list(widest(sorted(found)))):
                first = text[start].isupper() and not re.search(r"[^.!?\u201d\s]\s*$", text[:start])
                text = text[:start] + (beyond[0][0].upper() + beyond[0][1:] if first else beyond[0]) + text[end:]
            return text

        return replace(recalled, question=of_this(recalled.question), answer=of_this(recalled.answer))

    def _passages(self, question: str | Asked, pointed: Sequence[str] = ()) -> tuple[Passage, ...]:
        """Passages for a question: those that an existing good answer points at, then those found.

        Their order depends on the words only, so a model cannot learn that the one to point at comes first.
        """
        found = self.index.retrieve(question, self.character, PASSAGES)
        unique = {passage.reference: passage for passage in (*self.corpus.found(pointed), *found)}
        chosen = list(unique.values())[:PASSAGES]
        said = question.text if isinstance(question, Asked) else question
        return tuple(sorted(chosen, key=lambda passage: digest([said, passage.reference])))


@lru_cache(maxsize=24)
def _declined(recall: Recall, character: Character, pack: Pack) -> frozenset[str]:
    return frozenset(past.conversation for past in recall if _is_declined(past, character, pack))


def _is_declined(past: Recalled, character: Character, pack: Pack) -> bool:
    """Whether a past answer says of what was asked that it lies beyond the character."""
    return disclaims(past.answer) and bool(unknown(past.question, character, pack))


@lru_cache(maxsize=24)
def _disclosing(recall: Recall) -> frozenset[str]:
    return frozenset(past.conversation for past in recall if asks_who_answers(past.question))


@lru_cache(maxsize=24)
def _denying(recall: Recall) -> frozenset[str]:
    return frozenset(past.conversation for past in recall if denies(past.answer))
