"""A small model is served from a copy that is read quicker, and says the same."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emmaus.models import quick as module
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.files import default_model_file, mending
from emmaus.models.quick import quick
from emmaus.types import Message

MODEL = default_model_file()
ASKED = [Message("user", "Who was the brother of Moses?")]
SAID = "Aaron was the brother of Moses, and he spoke for him before Pharaoh."


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def copy(cache: Path) -> Path:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: quick(MODEL, cache), range(2))
    assert first == second
    return first


def test_the_copy_is_made_once_and_nothing_is_left_beside_it(cache: Path, copy: Path) -> None:
    made = copy.stat()
    assert quick(MODEL, cache) == copy
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert list(copy.parent.iterdir()) == [copy]
    assert quick(copy, cache) == copy, "a copy needs no copy"


def test_a_model_that_needs_no_copy_is_read_through_once(copy: Path, tmp_path: Path, monkeypatch) -> None:
    read = []
    monkeypatch.setattr(module, "_read", lambda model: model)
    monkeypatch.setattr(module, "_slow", lambda model: bool(read.append(model)))
    assert [quick(copy, tmp_path) for _ in range(3)] == [copy] * 3
    assert read == [copy]
    (note,) = (tmp_path / "models").iterdir()
    assert (note.name.endswith(module.NEEDLESS), note.stat().st_size) == (True, 0)


def test_what_was_made_in_another_way_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF" + bytes(100))
    read, written = [], []
    monkeypatch.setattr(module, "_read", lambda model: model)
    monkeypatch.setattr(module, "_slow", lambda model: bool(read.append(model)))
    assert [quick(model, tmp_path) for _ in range(2)] == [model] * 2
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    assert quick(model, tmp_path) == model
    assert len(read) == 2, "that none was worth making held for the other way only"

    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    monkeypatch.setattr(module, "_slow", lambda model: True)
    monkeypatch.setattr(module, "_write", lambda model, copy: written.append(copy) or shutil.copy(model, copy))
    names = [EmbeddedEngine(model, cache=tmp_path).name for _ in range(2)]
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    names.append(EmbeddedEngine(model, cache=tmp_path).name)
    assert len(set(written)) == len(written) == 2
    assert names[0] == names[1] != names[2], "other weights have another name"


def test_a_copy_likes_the_same_answers(cache: Path, copy: Path) -> None:
    with EmbeddedEngine(slots=1, context=512) as plain, EmbeddedEngine(slots=1, context=512, cache=cache) as quicker:
        assert quicker.name == f"{plain.name}+q8-{module.FORMAT}", "other weights have another name"
        before, after = (engine.score(ASKED, SAID) for engine in (plain, quicker))
    assert after.tokens == before.tokens
    assert after.logprob == pytest.approx(before.logprob, abs=0.1 * before.tokens)


def test_a_damaged_copy_is_named_with_what_to_do(cache: Path, copy: Path) -> None:
    assert mending(copy) == "delete it, and it is made again"


def test_without_room_or_right_the_model_itself_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("no folder")
    assert quick(MODEL, occupied) == MODEL
    monkeypatch.setattr(module, "ROOM", 1 << 40)
    assert quick(MODEL, tmp_path / "cache") == MODEL
    assert not list((tmp_path / "cache" / "models").iterdir())


def test_a_large_model_or_a_torn_one_is_served_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for length in (100, 60_000, 40_000_000):
        torn = tmp_path / f"{length}.gguf"
        with MODEL.open("rb") as whole:
            torn.write_bytes(whole.read(length))
        assert quick(torn, tmp_path) == torn
    monkeypatch.setattr(module, "LARGEST", 1 << 20)
    assert quick(MODEL, tmp_path) == MODEL
    assert not list((tmp_path / "models").iterdir())


def test_the_copy_of_another_version_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_read", lambda model: model)
    monkeypatch.setattr(module, "_slow", lambda model: True)
    monkeypatch.setattr(module, "_write", lambda model, copy: shutil.copy(model, copy))
    model = tmp_path / "little.gguf"
    model.write_bytes(MODEL.read_bytes()[:1000])
    before = quick(model, tmp_path)
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    after = quick(model, tmp_path)
    assert before != after
    assert [*(tmp_path / "models").iterdir()] == [after]
