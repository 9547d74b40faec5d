"""The state of a training run in one file, replaced in one step: killed at any moment, it resumes from the last one."""

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from emmaus.errors import EmmausError
from emmaus.training.files import unwritten, write_bytes

NAME = "checkpoint.pt"


@dataclass(slots=True)
class Run:
    """How far a run has come. The order of examples follows from the recipe's seed and `epoch`."""

    step: int = 0
    """Optimizer steps done."""
    epoch: int = 0
    """Epochs done."""
    batch: int = 0
    """Batches done of the epoch under way."""
    best: float | None = None
    """Lowest validation loss so far."""
    stale: int = 0
    """Epochs since then."""
    stopped: bool = False
    """True when patience ran out."""
    seconds: float = 0.0
    tokens: int = 0
    """Conversation tokens learned from, shared beginnings counted for each conversation."""
    log: list[dict[str, float]] = field(default_factory=list)
    """One line per optimizer step and per validation."""


def save(folder: Path, key: str, run: Run, tensors: Mapping[str, Any]) -> None:
    """Write a checkpoint; `key` says which training it belongs to, `tensors` holds weights, optimizer and RNG.

    Raises:
        EmmausError: the disk is full, or the folder cannot be written; the checkpoint of before is still there.
    """
    content = io.BytesIO()  # `torch.save` has errors of its own where a file cannot be written
    torch.save({"key": key, "run": {item.name: getattr(run, item.name) for item in fields(run)}, **tensors}, content)
    try:
        write_bytes(folder / NAME, content.getbuffer())
    except OSError as error:
        raise EmmausError(unwritten(folder, error)) from error


def load(folder: Path, key: str) -> tuple[Run, dict[str, Any]] | None:
    """Load the last checkpoint of this very training, or None (nothing there, another training's, or unreadable)."""
    try:
        content = torch.load(folder / NAME, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError):
        return None
    if not isinstance(content, dict) or content.get("key") != key:
        return None
    return Run(**content.pop("run")), content
