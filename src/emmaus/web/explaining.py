"""The pages that explain each kind of problem: where the `type` of a problem points."""

from fastapi import APIRouter
from starlette.responses import Response

from emmaus.errors import NotFound
from emmaus.web.problems import BY_SLUG
from emmaus.web.room import Room


def router(room: Room) -> APIRouter:
    """The one route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/problems/{slug}")
    def problem(slug: str) -> Response:
        if slug not in BY_SLUG:
            raise NotFound(f"there is no problem '{slug}': there are {', '.join(BY_SLUG)}")
        return room.page("problem.html", problem=BY_SLUG[slug])

    return routes
