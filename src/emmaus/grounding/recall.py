"""Past good answers of a character to questions like this one.

A small model that sees how a like question was once answered well stays with the matter; verses alone do not do that.
Knows nothing of consent: it is given only what may be used.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import numpy as np

from emmaus.grounding.asked import Asked, embedded, vectors
from emmaus.grounding.vectors import Floats, Vectors, load, save
from emmaus.models.kept import kept
from emmaus.models.protocols import Embedder
from emmaus.packs import Pack
from emmaus.types import Conversation, digest

FORMAT = 2
"""Of the kept vectors: how they are made."""
SHIPPED = Path("index", "recall")
"""The folder of a pack in which the vectors of each character's conversations may lie."""
FLOOR = 0.45
"""Cosine to a conversation below which it has nothing to do with the question."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A question that was answered well before, and the answer."""

    question: str
    answer: str
    passages: tuple[str, ...]
    """References that the answer points at."""
    conversation: str
    """Id of the conversation that it opens."""


class Recall:
    """First turns of good conversations of one character, found by likeness to a question.

    A conversation is known by one vector, the normalised sum of two: the mean over the wordings of its question, and
    the question with its answer. Asked in a wording that the vector does not know, the right one of David's 565 (of
    Ruth's 533) comes first in 47 % (53 %) of cases; by the question's own vector alone in 38 % (43 %).
    """

    def __init__(
        self,
        conversations: Iterable[Conversation],
        embedder: Embedder,
        cache: Path,
        *,
        wordings: Mapping[str, Sequence[str]] = MappingProxyType({}),
        shipped: Path | None = None,
    ) -> None:
        """Nothing is read or embedded before the first question.

        `wordings` maps ids of conversations to other wordings of their first question. `shipped` is the file of their
        vectors that came with the pack (`save`); it is used where it is of these words and this embedder.
        """
        self._turns: list[Recalled] = []
        self._wordings: list[tuple[str, ...]] = []
        for conversation in conversations:
            turn = conversation.turns[0]
            self._turns.append(Recalled(turn.question, turn.answer, turn.passages, conversation.id))
            self._wordings.append((turn.question, *wordings.get(conversation.id, ())))
        self._by_id = {turn.conversation: turn for turn in self._turns}
        self.embedder = embedder
        self._key = digest([FORMAT, embedder.name, self._wordings, [turn.answer for turn in self._turns]])
        self._cache = cache
        self._shipped = shipped
        self._vectors: Floats | None = None
        self._lock = Lock()

    @classmethod
    def of(cls, slug: str, pack: Pack, embedder: Embedder, cache: Path) -> "Recall":
        """The hand-written conversations of a character of a pack, with the vectors that it brings."""
        shipped = pack.folder / SHIPPED / f"{slug}.npz"
        return cls(pack.starters(slug), embedder, cache, wordings=pack.wordings(slug), shipped=shipped)

    def __len__(self) -> int:
        """Number of conversations."""
        return len(self._turns)

    def __iter__(self) -> Iterator[Recalled]:
        """All of them, in the order they were given."""
        return iter(self._turns)

    def get(self, conversation: str) -> Recalled | None:
        """The opening of one conversation, by its id; None when it is not (any more) among them."""
        return self._by_id.get(conversation)

    @property
    def is_ready(self) -> bool:
        """Whether the first question is answered at once: vectors of some 500 conversations take seconds to make."""
        if not self._turns or self._vectors is not None or any(self._cache.glob(f"recall-{self._key}-*.npy")):
            return True
        return self._brought() is not None

    def prepare(self) -> None:
        """Read the vectors of all conversations, or make and keep them."""
        if self._turns:
            self._known(embedded(["."], self.embedder).shape[1])

    def save(self, file: Path) -> None:
        """Write the vectors of the conversations, of which there is one at least, into a file that may ship.

        They are rounded to one byte a dimension. OSError where there can be no file.
        """
        self.prepare()
        assert self._vectors is not None
        nothing = np.zeros(len(self._turns), dtype=np.float32)
        save(file, Vectors(self._vectors, nothing, self.embedder.name, self._key))

    def nearest(
        self, question: str | Asked, *, without: Collection[str] = (), among: Collection[str] | None = None
    ) -> Recalled | None:
        """Give what `found` gives, without the likeness."""
        found = self.found(question, without=without, among=among)
        return found[0] if found else None

    def found(
        self, question: str | Asked, *, without: Collection[str] = (), among: Collection[str] | None = None
    ) -> tuple[Recalled, float] | None:
        """The past answer to the question most like this one with its cosine, or None where none is near.

        Args:
            question: What is asked now.
            without: Ids of conversations that do not count: the one that is just being learned, those recalled already.
            among: Only these count, and the nearest of them does however far it is: examples of one kind of answer.

        Raises:
            ModelError: the embedder fails.
        """
        counts = [
            turn.conversation not in without and (among is None or turn.conversation in among) for turn in self._turns
        ]
        if not any(counts):
            return None
        asked = vectors([question], self.embedder)[0]
        likeness = np.where(counts, self._known(len(asked)) @ asked, -1.0)
        best = int(np.argmax(likeness))
        if among is None and likeness[best] < FLOOR:
            return None
        return self._turns[best], float(likeness[best])

    def _known(self, dimensions: int) -> Floats:
        """Vectors of all conversations, in a file that is keyed by their words, the embedder and its dimensions."""
        with self._lock:
            if self._vectors is None:
                self._vectors = self._brought()
            if self._vectors is None or self._vectors.shape[1] != dimensions:
                file = self._cache / f"recall-{self._key}-{dimensions}.npy"
                self._vectors = kept(file, (len(self._turns), dimensions), lambda: self._embedded(dimensions))
            return self._vectors

    def _brought(self) -> Floats | None:
        """The vectors that came with the pack; None where there are none of these words and this embedder."""
        found = load(self._shipped, self._key, len(self._turns)) if self._shipped else None
        return found.rows if found else None

    def _embedded(self, dimensions: int) -> Floats:
        wordings = [wording for wordings in self._wordings for wording in wordings]
        asked = embedded(wordings, self.embedder, dimensions)
        starts = np.cumsum([0, *map(len, self._wordings[:-1])])
        means = np.add.reduceat(asked, starts) / np.asarray([[len(wordings)] for wordings in self._wordings])
        whole = [f"{turn.question} {turn.answer}" for turn in self._turns]
        sums = means + embedded(whole, self.embedder, dimensions)
        return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), dtype=np.float32)
