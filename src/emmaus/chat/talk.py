"""A conversation as it happens: in memory, and in the store from the moment that its speaker allows it."""

import uuid
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from threading import RLock

from emmaus.chat.render import Prompt
from emmaus.chat.speaker import Awaited, Speaker, stream
from emmaus.errors import BadInput, EmmausError, NotConsented, NotFound
from emmaus.grounding.streaming import readable
from emmaus.store import Store
from emmaus.types import CARE, Conversation, Scope, Source, Turn


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

    def __init__(self, speaker: Speaker | Awaited, store: Store, subject: str) -> None:
        self.speaker = speaker
        self.store = store
        self.subject = subject
        self.turns: list[Turn] = []
        self.kept: Conversation | None = None
        self._stored: set[str] = set()
        self._forgotten = 0
        self._lock = RLock()

    def say(self, question: str) -> Generator[Prompt | str | Turn, None, None]:
        """Answer as `stream` does; the turn that comes last is kept by then, if it may be. Raises as `stream` does.

        A turn during which the talk was forgotten is forgotten with it. Help is given also where it cannot be kept.
        """
        begun = self._forgotten
        for piece in stream(self.speaker, question, self.turns):
            if isinstance(piece, Turn):
                try:
                    with self._lock:
                        if self._forgotten == begun:
                            self._take(piece)
                except EmmausError:
                    if piece.model != CARE:
                        raise
            yield piece

    def deliver(self, question: str) -> Generator[str | Turn, None, None]:
        """Answer as `say` does, in pieces that a reader may see: what quotes or points waits until it is whole.

        Help is no character's words: it comes as it is, and nothing is looked up for it.
        """
        return delivered(self.speaker, self.say(question))

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
            self.turns.clear()
            self._stored.clear()
            self.kept = None

    def _take(self, turn: Turn) -> None:
        self.turns.append(turn)
        if Scope.STORE not in self.store.consent(self.subject):
            self.kept = None
            return
        if self.kept is not None:
            with suppress(NotFound):
                self.kept = self.store.append_turn(self.kept.id, turn)
                self._stored.add(turn.id)
                return
            # It was forgotten from another window or process: so are the turns before this one.
            self.forget()
            self.turns.append(turn)
        self.kept = self._open((turn,))

    def _open(self, turns: tuple[Turn, ...]) -> Conversation:
        opened = opened_with(turns, self.store, self.speaker, self.subject)
        self._stored.update(turn.id for turn in turns)
        return opened


def opened_with(turns: tuple[Turn, ...], store: Store, speaker: Speaker | Awaited, subject: str) -> Conversation:
    """Keep turns as a new conversation of a person with this character."""
    character = speaker.character
    made = Conversation(
        id="p" + uuid.uuid4().hex[:16],
        character=character.slug,
        source=Source.PERSON,
        turns=turns,
        subject=subject,
        created_at=turns[0].created_at,
    )
    store.claim(character.slug, character.pack)
    return store.add(made)


def delivered(
    speaker: Speaker | Awaited, coming: Generator[Prompt | str | Turn, None, None]
) -> Generator[str | Turn, None, None]:
    """Give what `stream` gives in pieces that a reader may see, then the turn. See `Talk.deliver`."""
    finished: list[Turn] = []
    with closing(coming):
        first = next(coming)
        if isinstance(first, Prompt):
            scene, references = speaker.scene, first.references
            pieces = _pieces(coming, finished)
            yield from readable(pieces, lambda text: scene.delivered(text, references).text)
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
