"""Jobs as programs see them."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from emmaus.errors import NotFound
from emmaus.jobs import state_of
from emmaus.types import Job
from emmaus.web.paging import Page, Wanted
from emmaus.web.room import Room
from emmaus.web.tagging import Tagged


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands."""

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
    created_at: float


def router(room: Room) -> APIRouter:
    """The routes of jobs that only look."""
    routes = APIRouter(prefix="/api/jobs", route_class=Tagged)
    home = room.home

    def standing(job: Job) -> Standing:
        state = state_of(home.parts.path, job)
        at = job.created_at
        return Standing(job.id, job.kind, job.character, state, job.done, job.total, job.note, job.values, at)

    @routes.get("")
    def jobs(wanted: Wanted) -> Page[Standing]:
        """All jobs, newest first."""
        return wanted.page(lambda last, before: home.store.listed(Job, last, before=before), standing)

    @routes.get("/{id}")
    def job(id: str) -> Standing:
        """One of them."""
        found = home.store.find(Job, id=id)
        if not found:
            raise NotFound(f"there is no job '{id}': GET /api/jobs lists them")
        return standing(found[0])

    return routes
