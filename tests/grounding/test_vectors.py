"""Vectors keep their directions in a file, and a file that is harmed or another's is not used."""

import numpy as np
import pytest

from emmaus.grounding.vectors import Vectors, in_context, load, save, unit

VERSES = ["Ruth 1:1", "Ruth 1:2", "Ruth 1:3", "Ruth 2:1", "Ruth 2:2"]


@pytest.fixture
def vectors():
    random = np.random.default_rng(0)
    rows = unit(random.normal(size=(5, 64)))
    return Vectors(rows, random.random(5).astype(np.float32), "some-model", "texts")


def test_a_file_keeps_directions_and_prior(tmp_path, vectors):
    save(tmp_path / "new" / "v.npz", vectors)
    read = load(tmp_path / "new" / "v.npz", "texts", 5)
    assert (read.rows * vectors.rows).sum(axis=1).min() > 0.999
    assert np.allclose(read.prior, vectors.prior, atol=1e-3)
    assert (read.embedder, read.dimensions) == ("some-model", 64)
    save(tmp_path / "again.npz", vectors)
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "new" / "v.npz").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("place", [0.0, 0.3, 0.5, 0.7, 0.95])
def test_a_harmed_file_is_not_used(tmp_path, vectors, place):
    file = tmp_path / "v.npz"
    save(file, vectors)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 0x55
    file.write_bytes(content)
    read = load(file, "texts", 5)
    if read is not None:  # a byte that no reader looks at
        assert np.array_equal(read.rows, load_whole(tmp_path, vectors).rows)
    file.write_bytes(content[: len(content) // 2])
    assert load(file, "texts", 5) is None
    file.write_bytes(b"")
    assert load(file, "texts", 5) is None


def load_whole(folder, vectors):
    save(folder / "whole.npz", vectors)
    return load(folder / "whole.npz", "texts", 5)


def test_vectors_of_other_texts_are_not_used(tmp_path, vectors):
    save(tmp_path / "v.npz", vectors)
    assert load(tmp_path / "v.npz", "other texts", 5) is None
    assert load(tmp_path / "v.npz", "texts", 6) is None
    assert load(tmp_path / "missing.npz", "texts", 5) is None


def test_a_verse_takes_from_its_neighbours_and_not_from_another_chapter():
    mixed = in_context(np.eye(5, dtype=np.float32), VERSES)
    assert mixed[0, 0] > mixed[0, 1] > mixed[0, 2] > 0
    assert (mixed[:3, 3:] == 0).all()
    assert (mixed[3:, :3] == 0).all()
    assert np.allclose(np.linalg.norm(mixed, axis=1), 1)
