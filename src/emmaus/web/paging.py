"""Long lists in pages: `limit` and `cursor` in, `items` and `next` out, with a Link header (RFC 8288) to the next page.

A cursor is a place in the order of what was kept, so that what comes or goes meanwhile shifts no page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

MOST = 100
USUAL = 20

T = TypeVar("T")
S = TypeVar("S")


class Page(BaseModel, Generic[T]):
    """Some of a list."""

    items: list[T]
    next: str | None
    """The `cursor` of the next page; null where this is the last."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that was asked for."""

    request: Request
    response: Response
    limit: int
    before: int | None

    def page(self, read: Callable[[int, int | None], list[tuple[int, T]]], shown: Callable[[T], S]) -> Page[S]:
        """Make the page of what `read` gives: so many of the newest, `before` this place where there is one."""
        found = read(self.limit + 1, self.before)
        here = found[: self.limit]
        following = f"{here[-1][0]:x}" if len(found) > self.limit else None
        if following:
            url = self.request.url.include_query_params(cursor=following)
            self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return Page(items=[shown(item) for _, item in here], next=following)


def _asked(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9a-f]{1,12}$", description="`next` of the page before; without it, the newest.")
    ] = None,
) -> Asked:
    return Asked(request, response, limit, None if cursor is None else int(cursor, 16))


Wanted = Annotated[Asked, Depends(_asked)]
"""The page that a request asks for."""
