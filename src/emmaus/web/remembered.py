"""What was answered to programs lately, in memory: their clients tell the whole talk each time, and in delivered words.

With the turn itself a talk goes on as on the page: with the passages it stood on, in the words that the model wrote
(pointers, not verses), and a server that has read it answers from its cache. What is not remembered is read from its
words. Knows nothing of the store: `forget` empties it.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from emmaus.errors import EmmausError
from emmaus.packs import Corpus
from emmaus.packs.quotations import plain
from emmaus.types import Turn, digest

MOST = 2_000
"""Turns, a few KB each."""
_CITED = re.compile("\u201c([^\u201c\u201d]+)\u201d \\(([^()]{2,60})\\)")


class Remembered:
    """Turns by whom they were said to, and by their words."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._turns: OrderedDict[tuple[str, str], Turn] = OrderedDict()
        self._forgotten: dict[str, int] = {}
        self._keeping: dict[str, Lock] = {}
        self._lock = Lock()

    def add(self, subject: str, character: str, question: str, answer: str, turn: Turn) -> None:
        """Remember a turn under the words in which a client will tell it."""
        with self._lock:
            self._turns[subject, _key(character, question, answer)] = turn
            while len(self._turns) > self._most:
                self._turns.popitem(last=False)

    def get(self, subject: str, character: str, question: str, answer: str) -> Turn | None:
        """Return the turn that is told in these words; None where it is not remembered, or was never said."""
        key = (subject, _key(character, question, answer))
        with self._lock:
            if key in self._turns:
                self._turns.move_to_end(key)
            return self._turns.get(key)

    def forget(self, subject: str) -> None:
        """Drop everything of a person, an answer that is on its way too."""
        with self._keeping.setdefault(subject, Lock()), self._lock:
            self._forgotten[subject] = self.times_forgotten(subject) + 1
            for key in [key for key in self._turns if key[0] == subject]:
                del self._turns[key]

    @contextmanager
    def unforgotten(self, subject: str, since: int) -> Iterator[bool]:
        """Whether a person's things were dropped so many times only; while the block lasts, they are not dropped."""
        with self._keeping.setdefault(subject, Lock()):
            yield self.times_forgotten(subject) == since

    def times_forgotten(self, subject: str) -> int:
        """How often everything of a person was dropped: who begins and ends at the same number may remember."""
        return self._forgotten.get(subject, 0)


def _key(character: str, question: str, answer: str) -> str:
    return digest([character, question.strip(), answer.strip()], 32)


def read(turns: Iterable[tuple[str, str]], corpus: Corpus | None) -> list[Turn]:
    """Make turns of the words in which a client tells them; verses that are true become pointers again."""
    return [Turn("", question, pointing(answer, corpus) if corpus else answer) for question, answer in turns]


def pointing(text: str, corpus: Corpus) -> str:
    """Put a pointer in place of each quotation that is a verse's words with its reference."""

    def pointer(cited: re.Match[str]) -> str:
        try:
            true = plain(corpus.get(cited[2]).text) == plain(cited[1])
        except EmmausError:
            return cited[0]
        return f"[{cited[2]}]" if true else cited[0]

    return _CITED.sub(pointer, text)
