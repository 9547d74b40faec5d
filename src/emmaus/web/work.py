"""Jobs as programs see them."""

from fastapi import APIRouter

from emmaus.errors import NotFound
from emmaus.types import Job
from emmaus.web.paging import Page, Wanted
from emmaus.web.progress import Work, works
from emmaus.web.room import Room
from emmaus.web.tagging import Tagged


def router(room: Room) -> APIRouter:
    """The routes of jobs that only look."""
    routes = APIRouter(prefix="/api/jobs", route_class=Tagged)
    home = room.home

    def told(job: Job) -> Work:
        return works(home, [job])[0]

    @routes.get("")
    def jobs(wanted: Wanted) -> Page[Work]:
        """All jobs, newest first."""
        return wanted.page(lambda last, before: home.store.listed(Job, last, before=before), told)

    @routes.get("/{id}")
    def job(id: str) -> Work:
        """One of them."""
        found = home.store.find(Job, id=id)
        if not found:
            raise NotFound(f"there is no job '{id}': GET /api/jobs lists them")
        return told(found[0])

    return routes
