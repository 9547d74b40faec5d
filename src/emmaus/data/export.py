"""Export a dataset as the files that fine-tuning tools read."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emmaus.data.freeze import still_allowed
from emmaus.errors import BadInput, EmmausError
from emmaus.store import Store
from emmaus.types import Dataset, Example, Scope

Format = Literal["jsonl", "json"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and how much had to stay."""

    path: str
    dataset: str
    written: int
    left_out: int
    """Examples whose speaker does not allow `share` now."""


def export(store: Store, dataset: Dataset, path: Path, *, format: Format = "jsonl") -> Exported:
    """Write a dataset as chat JSONL (one example a line) or as one JSON list.

    Each has `messages` with `role` and `content`, and `character_id`, `quality_score`, `is_human_validated`, `split`. A
    conversation of a person is written only if they allow `share` now. The file is whole or not there.

    Raises:
        BadInput: the format is unknown, or the path is a folder.
        EmmausError: the file cannot be written.
    """
    examples = still_allowed(store, dataset, Scope.SHARE)
    rows = [row(example) for example in examples]
    writers: dict[Format, Callable[[], str]] = {
        "jsonl": lambda: "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in rows),
        "json": lambda: json.dumps(rows, ensure_ascii=False, indent=1) + "\n",
    }
    if format not in writers:
        raise BadInput(f"unknown format '{format}': use {' or '.join(writers)}")
    if path.is_dir():
        raise BadInput(f"{path} is a folder: name a file in it, for example {path / f'{dataset.character}.{format}'}")
    try:
        write_whole(path, writers[format]())
    except OSError as error:
        raise EmmausError(f"cannot write {path}: {error.strerror or error}; choose another with --output") from error
    return Exported(str(path), dataset.id, len(rows), len(dataset.examples) - len(rows))


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all. A pipe or a device is written to, and never replaced by a file."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def row(example: Example) -> dict[str, object]:
    """One example as fine-tuning tools read it."""
    return {
        "messages": [{"role": message.role, "content": message.content} for message in example.messages],
        "character_id": example.character_id,
        "quality_score": example.quality_score,
        "is_human_validated": example.is_human_validated,
        "split": example.split,
    }
