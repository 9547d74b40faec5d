"""The adapter that ships: found where its card fits, and left out where anything about it does not."""

import hashlib
import json

import pytest

from emmaus.models import starter as module
from emmaus.models.starter import starter

LORA = b"GGUF and the rest"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    base = tmp_path / "base.gguf"
    base.write_bytes(b"a base model")
    folder = tmp_path / "starter"
    folder.mkdir()
    (folder / "starter.gguf").write_bytes(LORA)
    card = {
        "base": base.name,
        "base_sha256": hashlib.sha256(base.read_bytes()).hexdigest(),
        "sha256": hashlib.sha256(LORA).hexdigest(),
        "learned": ["c1", "c2"],
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    monkeypatch.setattr(module, "FOLDER", str(folder))
    return base, folder, card


def test_it_is_found_for_its_base(shipped):
    base, folder, card = shipped
    found = starter(base)
    assert (found.id, found.file, found.learned) == (
        f"starter-{card['sha256'][:8]}",
        folder / "starter.gguf",
        frozenset({"c1", "c2"}),
    )


@pytest.mark.parametrize("said", ['{"base": "base.g', "[]", "null", "{}", b"\xff\xfe"])
def test_a_card_that_is_half_written_is_none(shipped, said):
    base, folder, _ = shipped
    (folder / "card.json").write_bytes(said if isinstance(said, bytes) else said.encode())
    assert starter(base) is None


@pytest.mark.parametrize("field", ["base", "base_sha256", "sha256", "learned"])
def test_a_card_that_lacks_or_belies_something_is_none(shipped, field):
    base, folder, card = shipped
    for torn in ({name: value for name, value in card.items() if name != field}, {**card, field: 7}):
        (folder / "card.json").write_text(json.dumps(torn), encoding="utf-8")
        assert starter(base) is None


def test_a_torn_file_is_none(shipped):
    base, folder, _ = shipped
    (folder / "starter.gguf").write_bytes(LORA[:-1])
    assert starter(base) is None
