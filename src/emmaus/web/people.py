"""The pages of an admin: who has an account, who is invited, and what was done by whom."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from emmaus.accounts import accounts, audit, invitations
from emmaus.errors import BadInput, EmmausError
from emmaus.types import Post
from emmaus.web.account import when
from emmaus.web.door import Door, Visitor, needs
from emmaus.web.room import Fields, Room, given

DONE = {"post": "Changed.", "closed": "Closed.", "opened": "Opened again.", "revoked": "The invitation is withdrawn."}
MOST = 2000
"""Events on one page."""


def router(room: Room, door: Door) -> APIRouter:
    """All routes of an admin, for sessions only: programs have the same under /api."""
    routes = APIRouter(include_in_schema=False, dependencies=[needs(Post.ADMIN)])

    def page(status: int = 200, *, done: str = "", sentence: str = "", made: str = "") -> Response:
        return room.page(
            "people.html",
            status,
            people=accounts.everybody(door.store),
            pending=invitations.pending(door.store, clock=door.clock),
            posts=list(Post),
            when=when,
            done=done,
            sentence=sentence,
            made=made,
        )

    @routes.get("/people")
    def people(done: str = "", made: str = "") -> Response:
        return page(done=DONE.get(done, ""), made=room.shown_once(made))

    @routes.post("/people/post")
    def post(person: Visitor, fields: Fields) -> Response:
        return _tried(page, "post", lambda: change_post(door, person, given(fields, "name"), given(fields, "post")))

    @routes.post("/people/close")
    def close(person: Visitor, fields: Fields) -> Response:
        name = given(fields, "name")
        return _tried(page, "closed", lambda: accounts.close(door.store, name, by=person.name, clock=door.clock))

    @routes.post("/people/open")
    def reopen(person: Visitor, fields: Fields) -> Response:
        name = given(fields, "name")
        return _tried(page, "opened", lambda: accounts.reopen(door.store, name, by=person.name, clock=door.clock))

    @routes.post("/people/invite")
    def invite(request: Request, person: Visitor, fields: Fields) -> Response:
        try:
            token, _ = invitations.invite(door.store, post_of(given(fields, "post")), by=person.name, clock=door.clock)
        except EmmausError as error:
            return page(400, sentence=str(error))
        link = f"{door.front.origin(request.scope)}/invitation/{token}"
        return RedirectResponse(f"/people?made={room.to_show_once(link)}", 303)

    @routes.post("/people/withdraw")
    def withdraw(person: Visitor, fields: Fields) -> Response:
        id = given(fields, "invitation")
        return _tried(page, "revoked", lambda: invitations.revoke(door.store, id, by=person.name, clock=door.clock))

    @routes.get("/audit")
    def log(who: str = "", act: str = "", last: int = audit.SHOWN) -> Response:
        most = max(1, min(last, MOST))
        events = audit.read(door.store, who=who, act=act, last=most)
        more = min(most + audit.SHOWN, MOST) if len(events) == most < MOST else 0
        return room.page("audit.html", events=events, who=who, act=act, more=more, when=when)

    return routes


def post_of(name: str) -> Post:
    """Return the post of this name.

    Raises:
        BadInput: there is none.
    """
    if name not in set(Post):
        raise BadInput(f"{name[:40]!r} is no post: choose from {', '.join(Post)}")
    return Post(name)


def change_post(door: Door, person: Visitor, name: str, post: str) -> Any:
    """Give an account another post, in the name of an admin. Raises as `accounts.change_post` does."""
    return accounts.change_post(door.store, name, post_of(post), by=person.name, clock=door.clock)


def _tried(page: Any, done: str, act: Any) -> Response:
    """Do something to an account, and show the page again; what hinders it is told there."""
    try:
        act()
    except EmmausError as error:
        refused: Response = page(409, sentence=str(error))
        return refused
    return RedirectResponse(f"/people?done={done}", 303)
