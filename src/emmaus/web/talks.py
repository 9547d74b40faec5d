"""The conversations that go on now: in memory, each by its id, for whoever began it."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from emmaus.api import Emmaus
from emmaus.chat import Talk
from emmaus.errors import BadInput, NotFound
from emmaus.types import Conversation, Draft, Source, Turn
from emmaus.web.pressing import in_danger
from emmaus.web.watching import Watch

MOST = 2000
"""Conversations held at once; the one unused for longest goes first."""

ENDING = 10.0
"""Seconds that an answer may take to end when it is stopped."""


class OpenTalk:
    """A talk of one tab, or of several, in which one answer comes at a time."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self._speaking = Lock()
        self._watch: Watch | None = None

    @contextmanager
    def held(self, watch: Watch, question: str = "") -> Iterator[None]:
        """Hold it while an answer comes, which is stopped by its `watch`.

        A question that shows somebody in danger stops an answer that is still coming: help waits for nothing.

        Raises:
            BadInput: another answer is still coming.
        """
        held = self._speaking.acquire(blocking=False)
        if not held:
            if not in_danger(question):
                raise BadInput("the last question is still being answered: wait for it, or stop it")
            self.stop()
            held = self._speaking.acquire(timeout=ENDING)
        if held:
            self._watch = watch
        try:
            yield
        finally:
            if held:
                self._watch = None
                self._speaking.release()

    def stop(self) -> bool:
        """End the answer that is coming; whether one was."""
        watch = self._watch
        if watch:
            watch.stop()
        return watch is not None

    @property
    def id(self) -> str:
        """What it is called."""
        return self.talk.id

    @property
    def character(self) -> str:
        """With whom it is."""
        return self.talk.speaker.slug

    def turn(self, id: str) -> Turn:
        """One of its turns; NotFound where there is none."""
        for turn in self.talk.turns:
            if turn.id == id:
                return turn
        raise NotFound("this answer is no longer in memory: reload the page, then ask again")

    def said(self) -> list[Turn | Draft]:
        """Its turns, and the answers that broke off, in the order in which they came."""
        every: list[Turn | Draft] = [*self.talk.turns, *self.talk.drafts]
        return sorted(every, key=lambda one: one.created_at if isinstance(one, Turn) else one.at)


class Talks:
    """All open talks, bounded. Each is open to the person who began it alone."""

    def __init__(self, home: Emmaus, most: int = MOST) -> None:
        self._home = home
        self._most = most
        self._open: OrderedDict[str, OpenTalk] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, character: str, subject: str) -> OpenTalk:
        """Begin to talk with a character; NotFound where there is none."""
        return self._held(OpenTalk(self._home.chat(character, subject=subject)))

    def get(self, id: str, subject: str) -> OpenTalk:
        """Find a talk that goes on, or go on with one that is kept; NotFound where it was forgotten or is another's."""
        with self._lock:
            found = self._open.get(id)
            if found:
                self._open.move_to_end(id)
        if found is None:
            kept = self._home.store.find(Conversation, id=id, subject=subject, source=Source.PERSON)
            if kept:
                return self._held(OpenTalk(self._home.chat(kept[0].character, subject=subject, kept=kept[0])))
        if found is None or found.talk.subject != subject:
            raise NotFound("this conversation is no longer in memory: reload the page to begin a new one")
        return found

    def forget(self, subject: str) -> None:
        """Drop all of a person's."""
        with self._lock:
            for id, opened in list(self._open.items()):
                if opened.talk.subject == subject:
                    opened.talk.forget()
                    del self._open[id]

    def drop(self, id: str, subject: str) -> None:
        """Drop one of a person's, if it is open."""
        with self._lock:
            opened = self._open.get(id)
            if opened and opened.talk.subject == subject:
                opened.talk.forget()
                del self._open[id]

    def _held(self, opened: OpenTalk) -> OpenTalk:
        with self._lock:
            opened = self._open.setdefault(opened.id, opened)
            while len(self._open) > self._most:
                self._open.popitem(last=False)
            return opened
