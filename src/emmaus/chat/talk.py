"""A conversation as it happens: in memory, and in the store from the moment that its speaker allows it."""

import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from threading import RLock
from typing import get_args

from emmaus.chat.drafting import Drafting, drafts_of
from emmaus.chat.render import Prompt
from emmaus.chat.speaker import Awaited, Speaker, stream
from emmaus.errors import BadInput, EmmausError, NotConsented, NotFound
from emmaus.grounding.streaming import readable
from emmaus.store import Store
from emmaus.types import CARE, Better, Conversation, Draft, Preference, Scope, Source, Turn, digest


def require_store(store: Store, subject: str) -> None:
    """Refuse to keep or rate anything of a person who does not allow it.

    Raises:
        NotConsented: they do not allow to store anything.
    """
    if Scope.STORE not in store.consent(subject):
        raise NotConsented("this conversation is not kept, so it cannot be rated: consent to 'store' first")


class Talk:
    """One person talking with one character.

    Nothing is written without the person's `store` consent. Given in the middle of a talk, it holds for what is said
    from then on: what was said before was said under the promise that it is not kept, until they rate it (`keep`).
    Another thread may forget it while it is answering.
    """

    def __init__(
        self, speaker: Speaker | Awaited, store: Store, subject: str, *, kept: Conversation | None = None
    ) -> None:
        """Begin a talk, or go on with one that is `kept`."""
        self.speaker = speaker
        self.store = store
        self.subject = subject
        self.id = kept.id if kept else _new_id()
        """What it is called while it goes on; its conversation has the same id where it is kept from the start."""
        self.turns: list[Turn] = list(kept.turns) if kept else []
        self.drafts: list[Draft] = drafts_of(store, subject, kept) if kept else []
        """Answers that broke off, and were not asked for again."""
        self.kept = kept
        self._stored = {turn.id: kept.id for turn in kept.turns} if kept else {}
        self._unused = None if kept else self.id
        self._others: dict[str, Turn] = {}
        self._forgotten = 0
        self._drafting: Drafting | None = None
        self._lock = RLock()

    def say(self, question: str, *, instead: str | None = None) -> Generator[Prompt | str | Turn, None, None]:
        """Answer as `stream` does; the turn that comes last is kept by then, if it may be. Raises as `stream` does.

        `instead` names a turn whose place the new one takes, when it is whole, with all that followed it; or an answer
        that broke off. A turn during which the talk was forgotten is forgotten with it. Help is given also where it
        cannot be kept.

        Raises:
            NotFound: nothing of that id stands in this talk (any more).
        """
        begun, place = self._forgotten, self._place(instead)
        for piece in stream(self.speaker, question, self.turns[:place]):
            if isinstance(piece, Turn):
                try:
                    with self._lock:
                        if self._forgotten == begun:
                            self._take(piece, place, instead)
                except EmmausError:
                    if piece.model != CARE:
                        raise
            yield piece

    def deliver(self, question: str, *, instead: str | None = None) -> Generator[str | Turn, None, None]:
        """Answer as `say` does, in pieces that a reader may see: what quotes or points waits until it is whole.

        Help is no character's words: it comes as it is, and nothing is looked up for it. An answer that breaks off is
        among the `drafts` then, and kept as one where keeping is allowed.
        """
        coming = self.say(question, instead=instead)
        return delivered(self.speaker, coming, lambda pieces: self._drafted(question, pieces))

    def another(self, turn_id: str) -> Generator[str | Turn, None, None]:
        """Answer the question of a turn once more, beside it, to be compared with `prefer`. Delivered as `deliver` is.

        Raises:
            NotFound: there is no such turn in this talk.
        """
        place = self._place(turn_id)
        turn = self.turns[place]
        for piece in delivered(self.speaker, stream(self.speaker, turn.question, self.turns[:place])):
            if isinstance(piece, Turn):
                self._others[turn_id] = piece
            yield piece

    def prefer(self, turn_id: str, better: Better) -> Preference:
        """Keep which of two answers is better: the one of this `turn`, the `other` one, or `neither`.

        Where the other one is better and nothing was said since, it takes the turn's place.

        Raises:
            NotConsented: the person does not allow to store anything.
            NotFound: nothing was compared with this turn.
            BadInput: `better` is none of the three.
        """
        if better not in get_args(Better):
            raise BadInput(f"which is better cannot be {better!r}: say turn, other or neither")
        with self._lock:
            place = self._place(turn_id)
            turn, other = self.turns[place], self._others.get(turn_id)
            if other is None:
                raise NotFound("there are no two answers to compare (any more): ask again")
            self.keep(turn)
            swapped = better == "other" and place == len(self.turns) - 1
            replaced, by = ((turn.id,), None) if swapped else ((), turn.id)
            self._append(self._stored[turn.id], other, *replaced, by=by)
            if swapped:
                self.turns[place] = other
            del self._others[turn_id]
            made = Preference("", turn.id, other.id, self.subject, better, self.speaker.clock())
            return self.store.add(replace(made, id="b" + digest(made)))

    def is_kept(self, turn: Turn) -> bool:
        """Whether this turn lies in the store."""
        return turn.id in self._stored

    def keep(self, turn: Turn) -> None:
        """Keep a turn of this talk, with all that led to it, because the person asks for just that by rating it.

        Raises:
            NotConsented: the person does not allow to store anything.
            BadInput: the turn was not said in this talk, or has been forgotten.
        """
        require_store(self.store, self.subject)
        with self._lock:
            end = next((place for place, said in enumerate(self.turns, 1) if said.id == turn.id), None)
            if end is None:
                raise BadInput("this answer is not of this conversation (any more): rate one that stands in it")
            start = end
            while start > 0 and not self.is_kept(self.turns[start - 1]):
                start -= 1
            if start < end:
                opened = self._open(tuple(self.turns[start:end]))
                self.kept = opened if end == len(self.turns) else self.kept

    def forget(self) -> None:
        """Drop the conversation from memory, an answer that is still coming too; `Store.forget` drops what was kept."""
        with self._lock:
            self._forgotten += 1
            if self._drafting:
                self._drafting.finished()
            self.turns.clear()
            self.drafts.clear()
            self._stored.clear()
            self._others.clear()
            self.kept = self._unused = None

    def dismiss(self, draft_id: str) -> None:
        """Drop an answer that broke off."""
        with self._lock:
            self.drafts = [draft for draft in self.drafts if draft.id != draft_id]
            self.store.remove(Draft, id=draft_id, subject=self.subject)

    def _place(self, instead: str | None) -> int:
        """Where a new turn goes."""
        if instead is None or any(draft.id == instead for draft in self.drafts):
            return len(self.turns)
        for place, turn in enumerate(self.turns):
            if turn.id == instead:
                return place
        raise NotFound("this answer is no longer part of the conversation: reload the page, then ask again")

    def _drafted(self, question: str, pieces: Iterator[str]) -> Iterator[str]:
        begun = self._forgotten
        drafting = self._drafting = Drafting(self.store, self.subject, self.speaker, self.kept, question)
        try:
            for piece in pieces:
                drafting.tell(piece)
                yield piece
        except BaseException:
            with self._lock:
                if self._forgotten == begun:
                    self.drafts += drafting.broke_off()
                else:
                    drafting.finished()
            raise
        drafting.finished()

    def _take(self, turn: Turn, place: int, instead: str | None) -> None:
        before = self.turns[place:]
        self.turns[place:] = [turn]
        if any(draft.id == instead for draft in self.drafts):
            self.dismiss(instead or "")
        if Scope.STORE not in self.store.consent(self.subject):
            self.kept = None
            return
        if self.kept is not None:
            with suppress(NotFound):
                self.kept = self._append(self.kept.id, turn, *(old.id for old in before))
                return
            # It was forgotten from another window or process: so are the turns before this one.
            self.forget()
            self.turns.append(turn)
        self.kept = self._open((turn,))

    def _append(self, conversation: str, turn: Turn, *replaced: str, by: str | None = None) -> Conversation:
        found = self.store.append_turn(conversation, turn, instead_of=replaced, replaced_by=by)
        self._stored[turn.id] = conversation
        return found

    def _open(self, turns: tuple[Turn, ...]) -> Conversation:
        opened = opened_with(turns, self.store, self.speaker, self.subject, id=self._unused)
        self._unused = None
        self._stored.update((turn.id, opened.id) for turn in turns)
        return opened


def _new_id() -> str:
    return "p" + uuid.uuid4().hex[:16]


def opened_with(
    turns: tuple[Turn, ...], store: Store, speaker: Speaker | Awaited, subject: str, *, id: str | None = None
) -> Conversation:
    """Keep turns as a new conversation of a person with this character."""
    character = speaker.character
    made = Conversation(
        id=id or _new_id(),
        character=character.slug,
        source=Source.PERSON,
        turns=turns,
        subject=subject,
        created_at=turns[0].created_at,
    )
    store.claim(character.slug, character.pack)
    return store.add(made)


def delivered(
    speaker: Speaker | Awaited,
    coming: Generator[Prompt | str | Turn, None, None],
    through: Callable[[Iterator[str]], Iterator[str]] = iter,
) -> Generator[str | Turn, None, None]:
    """Give what `stream` gives in pieces that a reader may see, then the turn. See `Talk.deliver`.

    The words of a character, not help, pass `through` this.
    """
    finished: list[Turn] = []
    with closing(coming):
        first = next(coming)
        if isinstance(first, Prompt):
            scene, references = speaker.scene, first.references
            pieces = readable(_pieces(coming, finished), lambda text: scene.delivered(text, references).text)
            yield from through(pieces)
        elif isinstance(first, str):
            yield first
            yield from _pieces(coming, finished)
    yield from finished


def _pieces(coming: Iterable[Prompt | str | Turn], finished: list[Turn]) -> Iterator[str]:
    """Give the words; the turn that they make goes into `finished`."""
    for piece in coming:
        if isinstance(piece, Turn):
            finished.append(piece)
        elif isinstance(piece, str):
            yield piece
