"""What is measured, decided and put into service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Probe:
    """A held-out question: it evaluates and is never trained on."""

    id: str
    character: str
    topic: str
    kind: str
    ask: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A question at the bounds of what a character can know. Like a probe it is never trained on."""

    id: str
    character: str
    ask: str
    about: str | None
    """What lies beyond the character's life, as the question names it; None where they do know."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe answered by one model in an evaluation."""

    probe: str
    arm: Literal["incumbent", "candidate"]
    question: str
    answer: str
    metrics: Mapping[str, float]
    passages: tuple[str, ...] = ()
    """References that stood in the prompt."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Paired difference of one metric, candidate minus incumbent, with its 95 % interval."""

    metric: str
    n: int
    incumbent: float
    candidate: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says, and every reason for it."""

    promote: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A candidate adapter against what it would replace, on one probe set."""

    id: str
    character: str
    candidate: str
    incumbent: str | None
    """What the incumbent spoke through: id of its adapter, or of the one that ships; None is the bare base model."""
    base: str
    probes: str
    """Hash of the probe set."""
    samples: tuple[Sample, ...]
    differences: tuple[Difference, ...]
    regressions: tuple[Difference, ...]
    decision: Decision
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """From this moment the character speaks through this adapter on this target."""

    id: str
    character: str
    adapter: str | None
    """None is no adapter of the character: the one that ships, or the bare base model."""
    target: str
    evaluation: str | None
    """The evaluation that allowed it; None for a rollback."""
    replaced: str | None
    """Id of the deployment before it."""
    by: str
    at: float
