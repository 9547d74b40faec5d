"""What is learned from, and what comes of it: scores, datasets, adapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emmaus.types.plain import Json
from emmaus.types.talk import Message, Source


@dataclass(frozen=True, slots=True)
class Score:
    """One judgement of one turn: a value per criterion and one in all, or unscored with the reason (never 0)."""

    id: str
    turn: str
    rubric: str
    """Name and hash of the rubric version."""
    judge: str
    """`checks` for the deterministic ones, else the model's name."""
    criteria: Mapping[str, float]
    value: float | None
    unscored: str = ""
    """Why there is no value."""
    findings: tuple[str, ...] = ()
    """What was found against the answer, one sentence each."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a filter or the generator dropped, and why."""

    id: str
    job: str
    rule: str
    evidence: str
    question: str
    answer: str
    twin: str | None = None
    """The record that it nearly repeats."""


@dataclass(frozen=True, slots=True)
class Example:
    """One line of a dataset: a conversation as it will be learned."""

    conversation: str
    character_id: str
    messages: tuple[Message, ...]
    quality_score: float
    is_human_validated: bool
    source: Source
    split: Literal["train", "validation", "test"]
    """Learned from; used to stop the training; kept for the evaluation."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A frozen selection of conversations of one character."""

    id: str
    character: str
    hash: str
    """Hash of the examples' content."""
    examples: tuple[Example, ...]
    report: Mapping[str, Json]
    """The filter report: kept, and dropped by rule with evidence."""
    seed: int
    parents: tuple[str, ...] = ()
    """Ids of the conversations in it."""
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Adapter:
    """A trained LoRA, immutable: its files, their hashes, and what it learned from."""

    id: str
    character: str
    version: int
    base: str
    """Name and hash of the base model."""
    recipe: Mapping[str, Json]
    dataset: str
    """Id of the dataset (or the hash of the file) it learned from."""
    dataset_hash: str
    folder: str
    """PEFT folder, relative to the home."""
    gguf: str
    """The LoRA as GGUF, relative to the home."""
    files: Mapping[str, str]
    """File name -> SHA-256."""
    metrics: Mapping[str, Json]
    created_at: float = 0.0
