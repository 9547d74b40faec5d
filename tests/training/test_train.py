"""A real model, end to end."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.training.conftest import RECIPE
from tests.training.talks import talks

from emmaus.errors import BadInput, Cancelled, ModelFileError, TooFewExamples
from emmaus.training import lora_gguf
from emmaus.training.base import load_tokenizer
from emmaus.training.files import sha256
from emmaus.training.parity import parity
from emmaus.training.train import TrainingResult, train
from emmaus.types import Progress

Again = Callable[..., TrainingResult]


@pytest.fixture
def again(model_file: Path, cache: Path) -> Again:
    def make(output: Path, count: int = 12, **changes: object) -> TrainingResult:
        return train(talks(count), output=output, base_file=model_file, cache=cache, **{"recipe": RECIPE, **changes})

    return make


def prompts(base_folder: Path) -> list[str]:
    tokenizer = load_tokenizer(base_folder)
    out = []
    for example in talks(4, seed=77):
        asked = [{"role": message.role, "content": message.content} for message in example.messages[:2]]
        text = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        out += [text, text + example.messages[2].content[:30]]
    return out


def test_the_folder_is_whole_and_learned_something(trained: TrainingResult) -> None:
    names = {path.name for path in trained.folder.iterdir()}
    assert names == {*trained.files, "training.json"}
    assert {"adapter_config.json", "adapter_model.safetensors", "adapter.gguf", "recipe.json", "log.jsonl"} <= names
    assert all(sha256(trained.folder / name) == value for name, value in trained.files.items())
    assert trained.metrics["steps"] == 6
    losses = [json.loads(line) for line in (trained.folder / "log.jsonl").read_text().splitlines()]
    first, *_, last = [line["validation_loss"] for line in losses if "validation_loss" in line]
    assert last < first
    assert not trained.folder.with_name("david-1.partial").exists()


def test_the_same_call_returns_the_same_folder_and_another_is_refused(trained: TrainingResult, again: Again) -> None:
    assert again(trained.folder) == trained
    with pytest.raises(BadInput, match="already exists"):
        again(trained.folder, recipe=replace(RECIPE, seed=9))


def test_cancelled_it_leaves_no_folder_and_goes_on_to_the_same_adapter(
    trained: TrainingResult, again: Again, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise Cancelled("stopped on request")

    output = tmp_path / "david-1"
    with pytest.raises(Cancelled):
        again(output, progress=stop)
    assert not output.exists()
    seen: list[int] = []
    result = again(output, progress=lambda progress: seen.append(progress.done))
    assert seen[0] == 3
    assert result.metrics["steps"] == trained.metrics["steps"]
    assert result.metrics["loss"] == pytest.approx(trained.metrics["loss"], rel=1e-2)


def test_the_served_adapter_is_the_trained_one(
    trained: TrainingResult, model_file: Path, cache: Path, base_folder: Path
) -> None:
    found = parity(trained.folder, trained.gguf, model_file, cache, prompts(base_folder))
    assert found.holds, found
    assert found.agreement >= 0.75


def unpermute(rows: np.ndarray, heads: int) -> np.ndarray:
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def test_rows_in_the_wrong_order_would_be_noticed(
    trained: TrainingResult, model_file: Path, cache: Path, base_folder: Path, tmp_path: Path
) -> None:
    from gguf import GGUFReader, GGUFWriter

    wrong = GGUFWriter(tmp_path / "wrong.gguf", "llama")
    wrong.add_type("adapter")
    wrong.add_string("adapter.type", "lora")
    wrong.add_float32("adapter.lora.alpha", float(RECIPE.alpha))
    heads = {"attn_q.weight.lora_b": 9, "attn_k.weight.lora_b": 3}
    for tensor in GGUFReader(trained.gguf).tensors:
        kind = tensor.name.split(".", 2)[2]
        value = unpermute(tensor.data, heads[kind]) if kind in heads else tensor.data
        wrong.add_tensor(tensor.name, value.copy())
    wrong.write_header_to_file()
    wrong.write_kv_data_to_file()
    wrong.write_tensors_to_file()
    wrong.close()
    rows = np.arange(36.0).reshape(36, 1)
    assert (unpermute(lora_gguf.permute(rows, 9), 9) == rows).all()
    found = parity(trained.folder, tmp_path / "wrong.gguf", model_file, cache, prompts(base_folder))
    assert not found.holds, found


def test_what_cannot_train_is_said(again: Again, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(TooFewExamples, match="longer than"):
        again(tmp_path / "a", recipe=replace(RECIPE, max_length=20))
    with pytest.raises(ModelFileError, match="does not exist"):
        train(talks(4), output=tmp_path / "b", base_file=tmp_path / "no.gguf", cache=cache)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="already exists"):
        again(tmp_path / "c")
