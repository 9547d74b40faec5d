"""An adapter whose files are lost or changed is made again, and is the registered one or nothing."""

import os
from dataclasses import replace

import pytest
from tests.training.talks import talks

from emmaus.errors import EmmausError, HomeBusy
from emmaus.store import lock
from emmaus.training import Recipe, TrainingResult, intact, reinstate
from emmaus.training.files import sha256
from emmaus.types import Adapter, Conversation, Dataset, JobState, Source, Turn

RECIPE = Recipe(epochs=1, batch=8, rank=2, alpha=2)


@pytest.fixture
def app(open_small, model_file, base_folder):
    app = open_small(model_file=model_file)
    app.parts.cache.mkdir(exist_ok=True)
    (app.parts.cache / base_folder.name).symlink_to(base_folder)
    examples = tuple(replace(example, character_id="epictetus") for example in talks(6))
    app.store.add_all(
        Conversation(e.conversation, "epictetus", Source.IMPORTED, (Turn(e.conversation, "Why?", "So."),))
        for e in examples
    )
    app.store.add(Dataset("d1", "epictetus", "hash", examples, {}, 0, tuple(e.conversation for e in examples)))
    return app


@pytest.mark.parametrize("harm", ["missing", "changed", "folder"])
def test_a_lost_adapter_is_trained_again_and_its_record_stands(app, harm: str) -> None:
    first = app.train("epictetus", recipe=RECIPE)
    file = app.parts.path / first.gguf
    if harm == "changed":
        file.write_bytes(b"something else")
    elif harm == "missing":
        file.unlink()
    else:
        for each in file.parent.iterdir():
            each.unlink()
        file.parent.rmdir()
    seen: list[int] = []
    again = app.train("d1", recipe=RECIPE, report=lambda progress: seen.append(progress.done))
    assert again == first
    assert seen
    assert sha256(file) == first.files[file.name]
    assert app.store.find(Adapter) == [first]
    assert [job.state for job in app.jobs()] == [JobState.DONE]
    assert os.listdir(app.parts.path / "adapters") == [first.id]
    seen.clear()
    assert app.train("epictetus", recipe=RECIPE, report=lambda progress: seen.append(progress.done)) == first
    assert seen == []


def test_another_adapter_than_the_registered_one_is_not_put_in_its_place(tmp_path) -> None:
    made = tmp_path / "adapters" / "a.again"
    made.mkdir(parents=True)
    (made / "adapter.gguf").write_bytes(b"new")
    files = {"adapter.gguf": sha256(made / "adapter.gguf")}
    again = TrainingResult(made, made / "adapter.gguf", "base", RECIPE, "hash", {}, files)
    (tmp_path / "adapters" / "a").mkdir()
    (tmp_path / "adapters" / "a" / "adapter.gguf").write_bytes(b"broken")
    where = ("adapters/a", "adapters/a/adapter.gguf")
    registered = Adapter("a", "david", 1, "base", {}, "d1", "hash", *where, {"adapter.gguf": "as it was"}, {})
    with pytest.raises(EmmausError, match=r"a cannot be made again here: .*another --seed"):
        reinstate(tmp_path, registered, again)
    assert os.listdir(tmp_path / "adapters") == ["a"]
    assert (tmp_path / "adapters" / "a" / "adapter.gguf").read_bytes() == b"broken"
    assert not intact(tmp_path, registered)


def test_a_file_is_not_trained_on_while_another_training_runs(open_small, tmp_path) -> None:
    app = open_small()
    with lock(app.parts.path, "train"), pytest.raises(HomeBusy, match="train"):
        app.train_file(tmp_path / "talks.jsonl", tmp_path / "out")
