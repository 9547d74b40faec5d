"""The pages of long work: what runs, how far it is, its curves, and the buttons that pause, resume and cancel it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from emmaus.jobs import curves
from emmaus.types import Job
from emmaus.web.asking import next_seed
from emmaus.web.progress import Work, works
from emmaus.web.room import Fields, Room, given
from emmaus.web.wheel import LATEST_JOBS, next_step, wheel

LISTED = 100
"""Most jobs on the page, the newest."""
ROWS = 12
"""Most rows of the table that tells a curve in numbers."""
Act = Literal["pause", "resume", "cancel"]


@dataclass(frozen=True, slots=True)
class Panel:
    """The part of a page that asks for itself anew while something runs."""

    works: tuple[Work, ...]
    address: str
    """Where it comes from."""
    back: str
    """The page that it stands on."""
    names: dict[str, str]
    """Slug -> name of the characters in it."""
    whose: bool
    """Whether each line says whose work it is."""

    @property
    def active(self) -> tuple[str, ...]:
        """Ids of what runs, or will."""
        return tuple(work.id for work in self.works if work.active)


def router(room: Room) -> APIRouter:
    """All routes of work. They come before those of a character: `jobs` is none."""
    routes = APIRouter(prefix="/desk/jobs", include_in_schema=False)
    home = room.home

    @routes.get("")
    def every() -> Response:
        return room.page("jobs.html", panel=panel(room), count=home.store.count(Job), listed=LISTED)

    @routes.get("/now")
    def now(character: str = "", job: str = "", watched: Annotated[list[str] | None, Query()] = None) -> Response:
        """The panel as it stands, and beside it what else has moved on the page."""
        ended = works(home, [one for id in watched or [] for one in home.store.find(Job, id=id)])
        stand = wheel(home, character) if character else None
        return room.page(
            "now.html",
            panel=panel(room, character, job),
            ended=[work for work in ended if not work.active],
            wheel=stand,
            step=next_step(stand) if stand else None,
            seed=next_seed(home, character) if character else 0,
        )

    @routes.get("/{id}")
    def one(id: str) -> Response:
        found = home.store.get(Job, id)
        points = curves.read(home.parts.path, found.id)
        names = list(dict.fromkeys(name for point in points for name in point.values))
        chosen = points[:: max(1, -(-len(points) // ROWS))] + (points[-1:] if len(points) > ROWS else [])
        seen = panel(room, job=found.id)
        return room.page("job.html", job=found, work=seen.works[0], panel=seen, points=chosen, names=names)

    @routes.post("/{id}/{act}")
    def change(id: str, act: Act, fields: Fields) -> Response:
        {"pause": home.pause, "resume": home.resume, "cancel": home.cancel}[act](id)
        back = given(fields, "back")
        return RedirectResponse(back if back.startswith("/desk") else f"/desk/jobs/{id}", 303)

    return routes


def panel(room: Room, character: str = "", job: str = "") -> Panel:
    """Look at the newest work: of a character, one job, or all.

    Raises:
        NotFound: there is no such job.
    """
    store = room.home.store
    if job:
        found = [store.get(Job, job)]
        address, back = f"job={found[0].id}", f"/desk/jobs/{found[0].id}"
    elif character:
        found = store.find(Job, last=LATEST_JOBS, character=character)
        address, back = f"character={character}", f"/desk/{character}"
    else:
        found = store.find(Job, last=LISTED)
        address, back = "", "/desk/jobs"
    seen = works(room.home, reversed(found))
    watched = "".join(f"&watched={work.id}" for work in seen if work.active)
    names = {slug: room.name(slug) for slug in {work.character for work in seen}}
    return Panel(seen, f"/desk/jobs/now?{address}{watched}", back, names, not character)
