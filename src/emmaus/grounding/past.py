"""Past good answers to real people, found by likeness to a question.

What may be used is asked of the store at every question, so a withdrawal holds from the next answer on. Vectors of
turns that may not be used (any more) can lie in memory; they lead nowhere.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Lock

import numpy as np

from emmaus.errors import ModelError
from emmaus.grounding.asked import Asked, embedded, vectors
from emmaus.grounding.recall import FLOOR, Recalled
from emmaus.grounding.vectors import Floats
from emmaus.models.protocols import Embedder
from emmaus.store import Store
from emmaus.store.past import Liked, PastTurn

NEAREST = 24
"""Candidates that are looked up in the store first: the nearest of them that may be used is taken."""
_MORE = 4
"""Times as many are looked up next, where none of them may: few lookups, also past thousands that were withdrawn."""
AT_ONCE = 32
"""New turns that are embedded while a question waits; the rest of many comes with the next ones, or by `prepare`."""
_STEP = 127.0
"""Vectors are kept as signed bytes; of a unit vector in 384 dimensions that costs less than 0.01 of a cosine."""


class Past:
    """Liked and corrected turns of people with one character. Open once, ask from any thread."""

    def __init__(
        self, store: Store, character: str, embedder: Embedder, *, unfit: Callable[[str], bool] = lambda question: False
    ) -> None:
        """Nothing is read before the first question. A turn whose question is `unfit` is never found.

        `unfit` may raise ModelError where it cannot tell: nothing is found then, and the turn is judged another time.
        """
        self._unfit = unfit
        self._judged: dict[str, bool] = {}
        self._store = store
        self._character = character
        self._embedder = embedder
        self._seen = 0
        self._waiting: list[str] = []
        self._known: set[str] = set()
        self._turns: list[str] = []
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)
        self._lock = Lock()

    def get(self, turn: str) -> Recalled | None:
        """Return one of them by its turn's id; None when it may not be used (any more)."""
        found = self._store.usable([turn]).get(turn)
        return _recalled(found) if found else None

    def prepare(self) -> None:
        """Embed everything that has no vector yet."""
        with self._lock:
            self._catch_up(self._vectors.shape[1] or embedded(["."], self._embedder).shape[1])
            for _ in range(0, len(self._waiting), AT_ONCE):
                self._embed(AT_ONCE)

    def found(self, question: str | Asked, *, without: frozenset[str] = frozenset()) -> tuple[Recalled, float] | None:
        """Find the past answer to the question most like this one with its cosine; None where none is near enough.

        Args:
            question: What is asked now.
            without: Ids of turns that do not count.

        Raises:
            ModelError: the embedder fails.
        """
        asked = vectors([question], self._embedder)[0]
        with self._lock:
            self._catch_up(len(asked))
            self._embed(AT_ONCE)
            count = len(self._turns)
            if not count:
                return None
            likeness, turns = self._vectors[:count] @ asked, self._turns
        with suppress(ModelError):  # where one cannot be judged now, the others could not either
            for portion in _nearest(likeness):
                candidates = {turns[i]: float(likeness[i]) for i in portion if turns[i] not in without}
                usable = self._store.usable(candidates)
                chosen = next((turn for turn in candidates if turn in usable and self._fit(usable[turn])), None)
                if chosen:
                    return _recalled(usable[chosen]), candidates[chosen]
        return None

    def _fit(self, turn: PastTurn) -> bool:
        """Judge a turn once; what is remembered of it is its id."""
        if turn.turn not in self._judged:
            self._judged[turn.turn] = not self._unfit(turn.question)
        return self._judged[turn.turn]

    def _catch_up(self, dimensions: int) -> None:
        """Take in what was liked since the last question; all anew where the embedder's vectors have another length."""
        if self._vectors.shape[1] != dimensions:
            self._seen, self._waiting, self._known, self._turns = 0, [], set(), []
            self._vectors = np.zeros((0, dimensions), dtype=np.float32)
        new: list[Liked] = self._store.liked(self._character, self._embedder.name, self._seen)
        packed = []
        for one in new:
            self._seen = one.key
            if one.turn in self._known:
                continue
            self._known.add(one.turn)
            if one.packed is None or len(one.packed) != dimensions:
                self._waiting.append(one.turn)
            else:
                packed.append((one.turn, one.packed))
        if packed:
            rows = np.frombuffer(b"".join(blob for _, blob in packed), dtype=np.int8).reshape(len(packed), -1)
            self._append([turn for turn, _ in packed], rows.astype(np.float32) / _STEP)

    def _embed(self, most: int) -> None:
        some = self._waiting[:most]
        usable = self._store.usable(some)
        kept = self._embed_these(usable) if usable else frozenset()
        # Only now, when nothing failed; what may not be used yet may be allowed later.
        self._waiting = self._waiting[most:] + [turn for turn in some if turn not in kept]

    def _embed_these(self, usable: Mapping[str, PastTurn]) -> frozenset[str]:
        dimensions = self._vectors.shape[1]
        asked = embedded([turn.question for turn in usable.values()], self._embedder, dimensions)
        whole = [f"{turn.question} {turn.answer}" for turn in usable.values()]
        sums = asked + embedded(whole, self._embedder, dimensions)
        unit = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        rounded = np.rint(unit * _STEP).astype(np.int8)
        packed = {turn: row.tobytes() for turn, row in zip(usable.values(), rounded, strict=True)}
        kept = self._store.keep_vectors(self._embedder.name, packed)
        rows = [place for place, turn in enumerate(usable) if turn in kept]
        self._append([turn for turn in usable if turn in kept], rounded[rows].astype(np.float32) / _STEP)
        return kept

    def _append(self, turns: list[str], rows: Floats) -> None:
        count, wanted = len(self._turns), len(self._turns) + len(turns)
        if wanted > len(self._vectors):
            grown = np.zeros((max(wanted, 2 * len(self._vectors)), rows.shape[1]), dtype=np.float32)
            grown[:count] = self._vectors[:count] if count else 0
            self._vectors = grown
        self._vectors[count:wanted] = rows
        self._turns.extend(turns)


def _nearest(likeness: Floats) -> Iterator[list[int]]:
    """Give the places from the highest value on, in order, down to `FLOOR`: `NEAREST`, then `_MORE` times as many."""
    left, size = np.flatnonzero(likeness >= FLOOR), NEAREST
    while len(left):
        parted = left[np.argpartition(-likeness[left], size - 1)] if len(left) > size else left
        portion, left = parted[:size], parted[size:]
        size *= _MORE
        yield portion[np.argsort(-likeness[portion])].tolist()


def _recalled(turn: PastTurn) -> Recalled:
    return Recalled(turn.question, turn.answer, turn.passages, turn.turn)
