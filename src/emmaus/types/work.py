"""Long work and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from emmaus.types.plain import Json


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    """Waits for its turn in the background."""
    RUNNING = "running"
    PAUSED = "paused"
    """Stopped for a while by a person; what was done is kept."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Long work that can be watched, cancelled and resumed."""

    id: str
    kind: str
    character: str
    request: Mapping[str, Json]
    state: JobState
    done: int = 0
    total: int = 0
    note: str = ""
    created_at: float = 0.0
    values: Mapping[str, float] = field(default_factory=dict)
    """The latest live numbers: loss, tokens per second, seconds left."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of long work on its way."""

    done: int
    total: int
    note: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    """Live numbers: loss, tokens per second, seconds left."""
