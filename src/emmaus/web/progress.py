"""How far long work is, as pages tell it: its rate, what is left of it, and what may be done with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emmaus.api import Emmaus
from emmaus.jobs import curves, state_of
from emmaus.types import Job
from emmaus.types.sizes import gigabytes

NUMBERS = {
    "loss": "loss {:.3f}",
    "validation_loss": "validation loss {:.3f}",
    "tokens_per_second": "{:.0f} tokens/s",
    "accepted": "{:.0%} accepted",
}
"""The live numbers that a line tells, and how."""

TITLES = {
    "generate": "generation",
    "score": "scoring",
    "freeze": "freezing",
    "train": "training",
    "evaluate": "evaluation",
    "download": "download",
}


@dataclass(frozen=True, slots=True)
class Work:
    """A job, in a line."""

    id: str
    kind: str
    character: str
    state: str
    """`queued`, `running`, `paused`, `done`, `cancelled`, `failed`, or `interrupted`: nobody is at work on it now."""
    done: int
    total: int
    note: str
    values: Mapping[str, float]
    """The latest live numbers."""
    rate: float | None
    """Pieces done per second lately, while it runs."""
    left: float | None
    """Seconds that it takes yet, while it runs."""
    created_at: float

    @property
    def title(self) -> str:
        """What kind of work it is, as a noun."""
        return TITLES.get(self.kind, self.kind)

    @property
    def far(self) -> str:
        """How far it is: "12 of 100", or of a file "1.2 GB of 9.1 GB"."""
        if self.kind == "download":
            return f"{gigabytes(self.done)} of {gigabytes(self.total)}"
        return f"{self.done:,} of {self.total:,}"

    @property
    def active(self) -> bool:
        """Whether it runs, or will."""
        return self.state in ("queued", "running")

    @property
    def may(self) -> tuple[str, ...]:
        """What can be done with it: names of the buttons."""
        if self.active:
            return "pause", "cancel"
        return {"done": (), "paused": ("resume", "cancel")}.get(self.state, ("resume",))

    @property
    def told(self) -> str:
        """Rate, time left and live numbers: "0.8 a second, about 3 min left, loss 2.310"."""
        parts = [_rate(self.rate)] if self.rate and self.kind != "download" else []
        if self.active and (rate := self.values.get("bytes_per_second")):
            parts = [f"{gigabytes(round(rate))} a second"]
        parts += [f"{about(self.left)} left"] if self.left else []
        parts += [form.format(self.values[name]) for name, form in NUMBERS.items() if name in self.values]
        return ", ".join(parts)


def works(home: Emmaus, found: Iterable[Job]) -> tuple[Work, ...]:
    """Say how these jobs stand."""
    return tuple(_work(home, job) for job in found)


def about(seconds: float) -> str:
    """Say an estimated length of time: "less than a minute", "about 12 min", "about 3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 45:
        return "less than a minute"
    if minutes < 100:
        return f"about {max(1, minutes)} min"
    tens = round(minutes / 10) * 10 if minutes < 600 else round(minutes / 60) * 60
    return f"about {tens // 60} h" + (f" {tens % 60} min" if tens % 60 else "")


def _work(home: Emmaus, job: Job) -> Work:
    state = state_of(home.parts.path, job)
    rate = left = None
    if state == "running":
        points = curves.read(home.parts.path, job.id)
        rate = curves.rate(points) if points else None
        left = job.values.get("seconds_left", (job.total - job.done) / rate if rate else None)
    values = (job.values, rate, left, job.created_at)
    return Work(job.id, job.kind, job.character, state, job.done, job.total, job.note, *values)


def _rate(rate: float) -> str:
    if rate >= 1:
        return f"{rate:.1f} a second"
    return f"{rate * 60:.1f} a minute" if rate >= 1 / 60 else f"{rate * 3600:.0f} an hour"
