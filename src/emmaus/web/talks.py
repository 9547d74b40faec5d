"""The conversations that go on now: in memory, by a random id that a browser tab holds."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from emmaus.api import Emmaus
from emmaus.chat import Talk
from emmaus.errors import NotFound
from emmaus.types import Turn

MOST = 200
"""Conversations held at once; the one unused for longest goes first."""


@dataclass(frozen=True, slots=True)
class OpenTalk:
    """A talk of one tab. `speaking` is held while the character answers."""

    id: str
    character: str
    talk: Talk
    speaking: Lock = field(default_factory=Lock)

    def turn(self, id: str) -> Turn:
        """One of its turns; NotFound where there is none."""
        for turn in self.talk.turns:
            if turn.id == id:
                return turn
        raise NotFound("this answer is no longer in memory: reload the page, then ask again")


class Talks:
    """All open talks, bounded. Ids cannot be guessed: who knows one may go on with it."""

    def __init__(self, home: Emmaus, most: int = MOST) -> None:
        self._home = home
        self._most = most
        self._open: OrderedDict[str, OpenTalk] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, character: str) -> OpenTalk:
        """Begin to talk with a character; NotFound where there is none."""
        opened = OpenTalk(secrets.token_hex(16), character, self._home.chat(character))
        with self._lock:
            self._open[opened.id] = opened
            while len(self._open) > self._most:
                self._open.popitem(last=False)
        return opened

    def get(self, id: str) -> OpenTalk:
        """Find a talk that goes on; NotFound where it was forgotten or dropped."""
        with self._lock:
            if id not in self._open:
                raise NotFound("this conversation is no longer in memory: reload the page to begin a new one")
            self._open.move_to_end(id)
            return self._open[id]

    def forget(self) -> None:
        """Drop all of them."""
        with self._lock:
            for opened in self._open.values():
                opened.talk.forget()
            self._open.clear()
