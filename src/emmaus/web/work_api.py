"""The JSON API of the desk: what its pages do, for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from emmaus import steps
from emmaus.data import Drawing, Preview
from emmaus.errors import NotFound
from emmaus.jobs import curves
from emmaus.training import Estimate, Recipe
from emmaus.types import Dataset, Deployment, Evaluation, Job
from emmaus.web import evidence
from emmaus.web.asking import LONGEST, MOST
from emmaus.web.auditing import done_to
from emmaus.web.door import Visitor
from emmaus.web.paging import Page
from emmaus.web.paging import Wanted as Paged
from emmaus.web.progress import Work, works
from emmaus.web.room import Room
from emmaus.web.tagging import Tagged
from emmaus.web.wheel import Step, next_step, wheel


class Rows(Response):
    """JSON lines."""

    media_type = "application/jsonl"


class Given(BaseModel):
    """What a request gives; nothing else is taken."""

    model_config = ConfigDict(extra="forbid")


class Generation(Given):
    """Synthetic conversations to be made. Another seed asks other questions."""

    n: int = Field(default=100, ge=1, le=MOST)
    seed: int = Field(default=0, ge=0)
    drawing: Drawing | None = None
    bare: bool = False
    minutes: float | None = Field(default=None, gt=0, le=LONGEST)
    """Each run pauses after so many."""


class Previewing(Given):
    """Which question: another seed begins with another."""

    seed: int = Field(default=0, ge=0)


class Training(Given):
    """A training, on the newest dataset unless another is named."""

    dataset: str | None = None
    recipe: Recipe | None = None


class Evaluating(Given):
    """An evaluation, of the newest adapter unless another is named."""

    adapter: str | None = None
    limit: int | None = Field(default=None, ge=2)


class Freezing(Given):
    """How to freeze."""

    minimum: float = Field(default=0.7, ge=0, le=1)
    synthetic: float = Field(default=1.0, ge=0)
    most: int | None = Field(default=None, ge=1)
    wordings: int = Field(default=1, ge=0)
    seed: int = 0


class Scoring(Given):
    """A scoring: of everything that has no score yet."""


class Generate(Given):
    """Queue a generation."""

    kind: Literal["generate"]
    character: str
    what: Generation = Generation()


class Score(Given):
    """Queue a scoring."""

    kind: Literal["score"]
    character: str
    what: Scoring = Scoring()


class Freeze(Given):
    """Queue the freezing of a dataset. Its note says which, and whether nothing changed since an earlier one."""

    kind: Literal["freeze"]
    character: str
    what: Freezing = Freezing()


class Train(Given):
    """Queue a training."""

    kind: Literal["train"]
    character: str
    what: Training = Training()


class Evaluate(Given):
    """Queue an evaluation."""

    kind: Literal["evaluate"]
    character: str
    what: Evaluating = Evaluating()


Wanted = Annotated[Generate | Score | Freeze | Train | Evaluate, Field(discriminator="kind")]


class Promoting(Given):
    """Which evaluation allows it; the newest unless another is named."""

    evaluation: str | None = None


class RollingBack(Given):
    """Which deployment is to be taken back, if it is in force; whatever is in force unless one is named."""

    deployment: str | None = None


@dataclass(frozen=True, slots=True)
class Curved:
    """How a job went."""

    job: str
    live: bool
    """Whether more points may come."""
    points: list[curves.Point]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Evaluations, newest first, and each metric's difference in all of them."""

    evaluations: list[evidence.Compared]
    metrics: list[evidence.Row]


def router(room: Room) -> APIRouter:
    """All routes of the desk under /api."""
    routes = APIRouter(prefix="/api", route_class=Tagged)
    _working(routes, room)
    _listing(routes, room)
    home = room.home

    @routes.get("/estimate/{character}")
    def estimate(character: str) -> Estimate:
        """Say what a training of the newest dataset takes from its start."""
        return home.estimate(home.parts.pack.character(character).slug)

    @routes.post("/preview/{character}")
    def preview(character: str, wanted: Previewing | None = None) -> Preview:
        """Draw one question and its answer as a generation with this seed would begin, and keep nothing."""
        slug = home.parts.pack.character(character).slug
        return steps.preview(home.parts, slug, seed=wanted.seed if wanted else 0)

    @routes.post("/promote/{character}")
    def promote(character: str, person: Visitor, which: Promoting | None = None) -> Deployment:
        """Let a character speak through what was evaluated, if the gate agreed."""
        return home.promote(character, evaluation=which.evaluation if which else None, by=person.name)

    @routes.post("/rollback/{character}")
    def rollback(character: str, person: Visitor, which: RollingBack | None = None) -> Deployment:
        """Go back to what the live adapter of a character replaced."""
        return home.rollback(character, deployment=which.deployment if which else None, by=person.name)

    return routes


def _working(routes: APIRouter, room: Room) -> None:
    home = room.home

    def told(job: Job) -> Work:
        return works(home, [job])[0]

    @routes.get("/jobs")
    def jobs(wanted: Paged) -> Page[Work]:
        """All jobs, newest first."""
        return wanted.page(lambda last, before: home.store.listed(Job, last, before=before), told)

    @routes.get("/jobs/{id}")
    def job(id: str) -> Work:
        """One of them."""
        found = home.store.find(Job, id=id)
        if not found:
            raise NotFound(f"there is no job '{id}': GET /api/jobs lists them")
        return told(found[0])

    @routes.post("/jobs", status_code=202)
    def start(request: Request, wanted: Wanted) -> Work:
        """Queue long work. The same request again finds the job, and resumes one that was stopped."""
        what: Mapping[str, object] = {name: getattr(wanted.what, name) for name in wanted.what.model_fields_set}
        job = home.start(wanted.kind, wanted.character, **what)
        done_to(request, f"{wanted.kind} {wanted.character}", job.id)
        return told(job)

    @routes.post("/jobs/{id}/pause")
    def pause(id: str) -> Work:
        """Stop a job until it is resumed; what it has done is kept."""
        return told(home.pause(id))

    @routes.post("/jobs/{id}/resume")
    def resume(id: str) -> Work:
        """Queue a job that was paused, cancelled or interrupted, or that failed."""
        return told(home.resume(id))

    @routes.post("/jobs/{id}/cancel")
    def cancel(id: str) -> Work:
        """Ask a job to stop; what it has done is kept."""
        return told(home.cancel(id))

    @routes.get("/jobs/{id}/curve")
    def curve(id: str) -> Curved:
        """Tell how a job went: the numbers that it reported, at most about a thousand times."""
        job = home.store.get(Job, id)
        return Curved(job.id, told(job).active, curves.read(home.parts.path, job.id))


def _listing(routes: APIRouter, room: Room) -> None:
    home = room.home

    def whose(character: str | None) -> list[str]:
        return [home.parts.pack.character(character).slug] if character else list(home.parts.pack.characters)

    @routes.get("/datasets")
    def datasets(character: str | None = None) -> list[evidence.Frozen]:
        """All datasets, or those of a character, newest first."""
        return [one for slug in whose(character) for one in evidence.datasets(home, slug, last=None)]

    @routes.get("/datasets/{id}/export", response_class=Rows)
    def export(id: str) -> Rows:
        """One of them as the file that training reads: JSON lines, each a conversation."""
        return Rows(evidence.rows_of(home, home.store.get(Dataset, id)))

    @routes.get("/adapters")
    def adapters(character: str | None = None) -> list[evidence.Learned]:
        """All adapters, or those of a character, newest first."""
        return [one for slug in whose(character) for one in evidence.adapters(home, slug)]

    @routes.get("/evaluations")
    def evaluations(character: str) -> SideBySide:
        """All evaluations of a character side by side."""
        columns, rows = evidence.evaluations(home, home.parts.pack.character(character).slug)
        return SideBySide(columns, rows)

    @routes.get("/evaluations/{id}/report", response_class=HTMLResponse)
    def report(id: str) -> HTMLResponse:
        """The report of one of them: a page that stands for itself, with its samples."""
        return HTMLResponse(evidence.page_of(home, home.store.get(Evaluation, id)))

    @routes.get("/quality/{character}")
    def quality(character: str) -> list[evidence.Mark]:
        """Tell how good a character's conversations, datasets and adapters were, oldest first."""
        slug = home.parts.pack.character(character).slug
        return evidence.quality(home, slug, evidence.datasets(home, slug, last=None))

    @routes.get("/next/{character}")
    def next_one(character: str) -> Step:
        """Say what to do next with a character's wheel, and why."""
        return next_step(wheel(home, home.parts.pack.character(character).slug))

    @routes.get("/deployments")
    def deployments(character: str | None = None) -> list[evidence.Served]:
        """What characters spoke through, newest first."""
        return [one for slug in whose(character) for one in evidence.deployments(home, slug)]
