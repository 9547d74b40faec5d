"""Past good answers of a character to questions like this one.

A small model that sees how a like question was once answered well stays with the matter; verses alone do not do that.
Knows nothing of consent: it is given only what may be used.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emmaus.models.protocols import Embedder
from emmaus.types import Conversation, digest

FLOOR = 0.3
"""Cosine of two questions (MiniLM) below which they have nothing to do with each other."""


class Recalled(NamedTuple):
    """A question that was answered well before, and the answer."""

    question: str
    answer: str


class Recall:
    """First turns of good conversations of one character, found by the likeness of their questions."""

    def __init__(self, conversations: Iterable[Conversation], embedder: Embedder, cache: Path) -> None:
        """Nothing is read or embedded before the first question."""
        self._ids: list[str] = []
        self._turns: list[Recalled] = []
        for conversation in conversations:
            self._ids.append(conversation.id)
            self._turns.append(Recalled(conversation.turns[0].question, conversation.turns[0].answer))
        self._embedder = embedder
        self._cache = cache
        self._vectors: NDArray[np.float32] | None = None

    def nearest(self, question: str, *, without: str | None = None) -> Recalled | None:
        """The past answer whose question is most like this one, or None where none is near.

        `without` names a conversation that does not count: the one that is just being learned.
        """
        if not self._turns:
            return None
        likeness = self._embedded() @ self._embedder.embed([question])[0]
        if without in self._ids:
            likeness[self._ids.index(without)] = -1.0
        best = int(np.argmax(likeness))
        return self._turns[best] if likeness[best] >= FLOOR else None

    def _embedded(self) -> NDArray[np.float32]:
        """Vectors of all questions, kept in a file that is keyed by the questions and the embedder."""
        if self._vectors is None:
            key = digest([self._embedder.name, [turn.question for turn in self._turns]])
            file = self._cache / f"recall-{key}.npy"
            try:
                with file.open("rb") as handle:
                    vectors = np.lib.format.read_array(handle, allow_pickle=False)
                if vectors.ndim != 2 or len(vectors) != len(self._turns) or not np.isfinite(vectors).all():
                    raise ValueError
            except (OSError, ValueError, EOFError):
                vectors = self._embedder.embed([turn.question for turn in self._turns])
                self._keep(file, vectors)
            self._vectors = vectors
        return self._vectors

    def _keep(self, file: Path, vectors: NDArray[np.float32]) -> None:
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as handle:
                np.save(handle, vectors)
            os.replace(part, file)
        except OSError:
            with suppress(OSError):  # Only a cache: the vectors are made again next time.
                part.unlink()
