"""From examples to an adapter folder: the one function that the command, the jobs and the pages call."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emmaus.errors import BadInput, EmmausError, TooFewExamples
from emmaus.models.files import check_gguf, fingerprint
from emmaus.training.extra import require_train_extra
from emmaus.training.files import sha256, unwritten, write_bytes, write_json
from emmaus.training.recipe import Recipe
from emmaus.types import Example, Json, Progress, digest, plain

RESULT = "training.json"
"""Written last: recipe, data and base hashes, metrics, file hashes."""
GGUF = "adapter.gguf"


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A finished adapter folder."""

    folder: Path
    gguf: Path
    """The LoRA as llama.cpp and Ollama load it."""
    base: str
    """Name and hash of the GGUF that it fits, as the engine names itself: `STEM@0123456789ab`."""
    recipe: Recipe
    dataset_hash: str
    metrics: Mapping[str, Json]
    """steps, epochs, loss, validation_loss, best_validation_loss, tokens_per_second, seconds, peak_memory, too_long."""
    files: Mapping[str, str]
    """File name -> SHA-256."""


def train(
    examples: Sequence[Example],
    *,
    output: Path,
    base_file: Path,
    cache: Path,
    recipe: Recipe | None = None,
    progress: Any = None,
    resume: bool = True,
    threads: int | None = None,
) -> TrainingResult:
    """Train a LoRA on `examples` and write it to the folder `output`.

    The folder appears only when it is whole: PEFT's `adapter_config.json` and `adapter_model.safetensors`, the LoRA as
    `adapter.gguf`, `recipe.json`, `log.jsonl` and `training.json`. Until then the work lies in `<output>.partial`;
    called again with the same examples, recipe and base, it goes on from its last checkpoint (`resume=False` starts
    over), and a finished folder is returned as it is. `progress` is called with a `Progress` after every step; it may
    raise `Cancelled`, and a checkpoint is written before that leaves this function.

    Raises:
        BadInput: an example without an answer, or `output` holds something else.
        TooFewExamples: nothing is left to learn from.
        ModelFileError: the base model is missing or cannot be unpacked.
        EmmausError: the `train` extra is missing, memory or disk ran out, or the loss became NaN.
        Cancelled: `progress` asked for it.
    """
    recipe = recipe or Recipe()
    data = digest([(example.messages, example.split) for example in examples], 64)
    base = base_name(base_file)
    key = digest({"recipe": recipe, "data": data, "base": base}, 32)
    if output.exists() and any(output.iterdir() if output.is_dir() else [output]):
        return _finished(output, key)
    be_considerate()
    require_train_extra()
    partial = output.with_name(output.name + ".partial")
    if not resume:
        shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        facts = _run(examples, partial, base_file, cache, recipe, progress or _silent, key, threads)
        return _finish(partial, output, base, recipe, data, key, facts)
    except OSError as error:
        raise EmmausError(unwritten(partial, error)) from error


def base_name(base_file: Path) -> str:
    """Name a base model as the engine names itself: file stem and the first twelve digits of its SHA-256."""
    return f"{base_file.stem}@{fingerprint(check_gguf(base_file))[:12]}"


def be_considerate() -> None:
    """Let idle threads sleep rather than spin, so that a chat on the same cores is not starved (and neither are we).

    And let oneDNN forget: it keeps what it prepared for each shape, 1,024 entries in each of two caches. Every pack is
    of another length, so that was 20 to 30 MB a pack for hardly a hit; one pack needs far fewer.

    All of this is read once, before torch is imported; afterwards it is too late and nothing happens.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("GOMP_SPINCOUNT", "0")
        os.environ.setdefault("LRU_CACHE_CAPACITY", "32")
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")


def _run(
    examples: Sequence[Example],
    partial: Path,
    base_file: Path,
    cache: Path,
    recipe: Recipe,
    progress: Any,
    key: str,
    threads: int | None,
) -> dict[str, Any]:
    """Encode, fit, and write the adapter's two PEFT files and the GGUF into `partial`."""
    from safetensors.torch import save

    from emmaus.training import base as bases
    from emmaus.training import lora, lora_gguf, sft
    from emmaus.training.tokens import encode

    folder = bases.unpack(base_file, cache)
    tokenizer = bases.load_tokenizer(folder)
    learn = encode([example for example in examples if example.split == "train"], tokenizer, recipe.max_length)
    check = encode([example for example in examples if example.split == "validation"], tokenizer, recipe.max_length)
    if not learn.kept:
        raise TooFewExamples(
            f"{len(examples)} conversations, of which none is left to train on ({len(learn.too_long)} are longer than "
            f"{recipe.max_length} tokens, {len(check.kept)} validate): give more, or raise max_length"
        )
    dtype = sft.choose_precision(recipe.precision, threads or os.cpu_count() or 1)
    model = bases.load_model(folder, dtype)
    sft.prepare(model, recipe)
    fitted = sft.fit(model, learn.kept, check.kept, recipe, folder=partial, key=key, report=progress)
    write_bytes(partial / "adapter_model.safetensors", save(lora.state(model), metadata={"format": "pt"}))
    write_json(partial / "adapter_config.json", lora.config(model, recipe, base_file.name))
    lora_gguf.convert(partial, folder, partial / GGUF)
    (partial / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in fitted.log), encoding="utf-8")
    return {
        "steps": fitted.step,
        "epochs": fitted.epoch,
        "stopped_early": fitted.stopped,
        "loss": _last(fitted.log, "loss"),
        "validation_loss": _last(fitted.log, "validation_loss"),
        "best_validation_loss": fitted.best,
        "tokens": fitted.tokens,
        "tokens_per_second": round(fitted.tokens / max(fitted.seconds, 1e-9), 1),
        "seconds": round(fitted.seconds, 1),
        "peak_memory": sft.peak_memory(),
        "precision": str(dtype).removeprefix("torch."),
        "train": len(learn.kept),
        "validation": len(check.kept),
        "too_long": [*learn.too_long, *check.too_long],
    }


def _finish(
    partial: Path, output: Path, base: str, recipe: Recipe, data: str, key: str, metrics: dict[str, Any]
) -> TrainingResult:
    """Write what is left to write, then let the folder appear under its name in one step."""
    write_json(partial / "recipe.json", {**plain(recipe), "hash": recipe.hash})
    names = ["adapter_config.json", "adapter_model.safetensors", GGUF, "recipe.json", "log.jsonl"]
    files = {name: sha256(partial / name) for name in names}
    facts = {"key": key, "base": base, "dataset_hash": data, "metrics": metrics, "files": files}
    write_json(partial / RESULT, facts)
    (partial / "checkpoint.pt").unlink(missing_ok=True)
    if output.is_dir():
        output.rmdir()  # empty: looked at in `train`
    os.replace(partial, output)
    return _result(output, recipe, facts)


def _finished(output: Path, key: str) -> TrainingResult:
    """Return the result of an earlier, equal call.

    Raises:
        BadInput: the folder holds anything else.
    """
    try:
        facts = json.loads((output / RESULT).read_text(encoding="utf-8"))
        saved = json.loads((output / "recipe.json").read_text(encoding="utf-8"))
        saved.pop("hash")
        if facts["key"] == key and all(sha256(output / name) == value for name, value in facts["files"].items()):
            return _result(output, Recipe(**saved), facts)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInput(f"{output} already exists and is not this adapter; give another folder (--output FOLDER)")


def _result(output: Path, recipe: Recipe, facts: Mapping[str, Any]) -> TrainingResult:
    return TrainingResult(
        output, output / GGUF, facts["base"], recipe, facts["dataset_hash"], facts["metrics"], facts["files"]
    )


def _last(log: Sequence[Mapping[str, float]], name: str) -> float | None:
    return next((line[name] for line in reversed(log) if name in line), None)


def _silent(progress: Progress) -> None:
    """Report nothing."""
