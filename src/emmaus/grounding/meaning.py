"""Likeness of questions and verses in meaning: vectors that ship with the pack, wait in the cache, or are made once.

Vectors belong to an embedder and to the length of its vectors: whoever replaces the embedder gets an index of its own,
made in the background while the words alone answer. Nothing here ever fails a question: what is wrong is in `fault`.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

import numpy as np

from emmaus.errors import EmmausError, ModelError
from emmaus.grounding.asked import Asked, embedded, vectors
from emmaus.grounding.vectors import FORMAT, Floats, Vectors, as_kept, in_context, load, save
from emmaus.models.protocols import Embedder
from emmaus.types import digest

AT_ONCE = 200
"""Verses up to which vectors are made before the first answer: it takes seconds, and all answers are of one kind."""
PORTION = 64

_log = logging.getLogger(__name__)

Watch = Callable[[int, int], None]
"""Told how many of how many verses are embedded."""


class Meaning:
    """Vectors of all verses of a pack, and of questions. Calls from any thread."""

    def __init__(
        self,
        verses: Sequence[str],
        texts: Sequence[str],
        key: str,
        embedder: Embedder,
        *,
        shipped: Path,
        cache: Path,
        watch: Watch | None = None,
    ) -> None:
        """Nothing is read or embedded before the first question.

        `verses` are canonical spellings and `texts` their words; `key` is a hash of both. `shipped` is the file that
        came with the pack, where there is one.
        """
        self.embedder = embedder
        self.fault = ""
        """Why questions are answered by words alone; empty where they are not, or not for long."""
        self._verses, self._texts, self._key = verses, texts, key
        self._shipped, self._cache = shipped, cache
        self._watch = watch or (lambda done, total: None)
        self._lock = Lock()
        self._stop = Event()
        self._known: dict[int, Vectors] = {}
        self._makers: dict[int, Thread] = {}
        self._prior: Floats | None = None
        self._done = 0

    def prior(self) -> Floats:
        """What speaks for each verse whatever is asked: zeros where the pack brings none."""
        self._open_shipped()
        assert self._prior is not None
        return self._prior

    def likeness(self, questions: Sequence[str | Asked]) -> Floats | None:
        """Cosine of each question to each verse, shape (questions, verses); None while there are no vectors."""
        try:
            asked = vectors(questions, self.embedder)
        except EmmausError as error:
            self.fault = str(error)
            return None
        self.fault = ""
        known = self._vectors(asked.shape[1])
        return None if known is None else asked @ known.rows.T

    def prepare(self) -> None:
        """Wait until there are vectors: read, or embedded now, which takes minutes for a whole Bible.

        Raises:
            ModelError: the embedder is missing, refused or gave no vectors.
        """
        dimensions = embedded(["."], self.embedder).shape[1]
        self._vectors(dimensions)
        maker = self._makers.get(dimensions)
        if maker is not None:
            maker.join()
        if dimensions not in self._known:
            raise ModelError(self.fault or f"the vectors of {self.embedder.name} were not finished: ask again")

    def by(self, embedder: Embedder) -> "Meaning":
        """The same verses by the vectors of another embedder, read where it made some before."""
        return Meaning(
            self._verses,
            self._texts,
            self._key,
            embedder,
            shipped=self._shipped,
            cache=self._cache,
            watch=self._watch,
        )

    @property
    def made(self) -> tuple[int, int] | None:
        """How many of how many verses have a vector while these are being made; None at any other time."""
        return (self._done, len(self._verses)) if any(maker.is_alive() for maker in self._makers.values()) else None

    def stop(self) -> None:
        """Make no more vectors, and wait for nothing."""
        self._stop.set()

    def close(self) -> None:
        """Stop making vectors; the next opening begins anew."""
        self.stop()
        with self._lock:  # within it they are made and started
            makers = list(self._makers.values())
        for maker in makers:
            maker.join(timeout=5)

    def _vectors(self, dimensions: int) -> Vectors | None:
        """Find the vectors of this length, or have them made: at once where they are few, else in the background."""
        self._open_shipped()
        with self._lock:
            if dimensions not in self._known and dimensions not in self._makers:
                kept = load(self._file(dimensions), self._key, len(self._verses))
                if kept is not None and kept.dimensions == dimensions and kept.embedder == self.embedder.name:
                    self._known[dimensions] = kept
                else:
                    self._makers[dimensions] = Thread(target=self._make, args=(dimensions,), daemon=True)
                    self._makers[dimensions].start()
            maker = self._makers.get(dimensions)
        if maker is not None and len(self._verses) <= AT_ONCE:
            maker.join()
        return self._known.get(dimensions)

    def _open_shipped(self) -> None:
        with self._lock:
            if self._prior is not None:
                return
            shipped = load(self._shipped, self._key, len(self._verses)) if self._shipped.exists() else None
            self._prior = shipped.prior if shipped else np.zeros(len(self._verses), dtype=np.float32)
            if shipped and shipped.embedder == self.embedder.name:
                self._known[shipped.dimensions] = shipped

    def _make(self, dimensions: int) -> None:
        """Make the vectors of this length; whatever goes wrong, the next question tries again."""
        try:
            self._embed_all(dimensions)
        except EmmausError as error:
            self.fault = str(error)
        except Exception as error:  # an embedder that was given, or who watches, may raise anything
            _log.exception("no vectors of %s were made", self.embedder.name)
            said = " ".join(f"{type(error).__name__}: {error}".split())
            self.fault = f"the vectors of {self.embedder.name} were not made: {said}"
        finally:
            with self._lock:
                self._makers.pop(dimensions, None)

    def _embed_all(self, dimensions: int) -> None:
        rows = np.zeros((len(self._texts), dimensions), dtype=np.float32)
        order = sorted(range(len(self._texts)), key=lambda row: len(self._texts[row]))
        for start in range(0, len(order), PORTION):
            if self._stop.is_set():
                return
            portion = order[start : start + PORTION]
            rows[portion] = embedded([self._texts[row] for row in portion], self.embedder, dimensions)
            self._done = start + len(portion)
            self._watch(self._done, len(order))
        name = self.embedder.name
        made = Vectors(in_context(rows, self._verses), np.zeros(len(rows), dtype=np.float32), name, self._key)
        with suppress(OSError):  # only a cache
            save(self._file(dimensions), made)
        self._known[dimensions] = as_kept(made)
        self.fault = ""

    def _file(self, dimensions: int) -> Path:
        return self._cache / f"vectors-{digest([FORMAT, self._key, self.embedder.name, dimensions])}.npz"
