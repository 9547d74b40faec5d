"""The page of one's own account: password, browsers that are signed in, keys for programs."""

import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from emmaus.accounts import accounts, keys, sessions
from emmaus.accounts.passwords import SHORTEST
from emmaus.accounts.person import RIGHTS, Person
from emmaus.errors import BadInput, EmmausError, NotFound, TooMany, TooOften
from emmaus.types import Account, Right
from emmaus.web.door import Door, Visitor
from emmaus.web.room import Fields, Room, given
from emmaus.web.signing import address

MEANING: dict[Right, str] = {
    "chat": "talk with the characters",
    "feedback": "rate answers, and change what is allowed and kept of you",
    "review": "work the review queue",
    "desk": "generate, train, evaluate, promote; read the metrics",
    "admin": "invite, change and close accounts, read the audit log",
}
"""What each right lets a program do."""
DONE = {
    "password": (
        "Your password was changed. Every other browser is signed out. Keys go on working: revoke those that you do "
        "not know, or no longer need."
    ),
    "ended": "Signed out.",
    "revoked": "The key is revoked.",
}
_SAID = {"done": "", "sentence": "", "made": "", "made_name": ""}


def router(room: Room, door: Door) -> APIRouter:
    """All routes under /account."""
    routes = APIRouter(prefix="/account", include_in_schema=False)

    def page(request: Request, person: Visitor, status: int = 200, **more: Any) -> Response:
        return room.page("account.html", status, **_shown(door, person, request.state.visit.session), **_SAID | more)

    @routes.get("")
    def own(request: Request, person: Visitor, done: str = "", made: str = "") -> Response:
        key, _, name = room.shown_once(made).partition(" ")
        return page(request, person, done=DONE.get(done, ""), made=key, made_name=name)

    @routes.post("/password")
    def password(request: Request, person: Visitor, fields: Fields) -> Response:
        try:
            if given(fields, "password") != given(fields, "again"):
                raise BadInput("the two new passwords are not the same: write them once more")
            account = _account(door, person)
            door.signing.change_password(account, given(fields, "old"), given(fields, "password"), address(request))
        except (TooOften, TooMany):  # told with how long to wait
            raise
        except EmmausError as error:
            return page(request, person, 400, sentence=str(error))
        answer = RedirectResponse("/account?done=password", 303)
        door.admit(request, answer, account.id)
        return answer

    @routes.post("/sessions/end")
    def end(request: Request, person: Visitor, fields: Fields) -> Response:
        here = request.state.visit.session
        if given(fields, "session") == "others":
            sessions.end_all(door.store, person.account, but=here)
        else:
            sessions.end(door.store, given(fields, "session"), person.account)
        return RedirectResponse("/account?done=ended", 303)

    _keys(routes, room, door, page)
    return routes


def _keys(routes: APIRouter, room: Room, door: Door, page: Callable[..., Response]) -> None:
    @routes.post("/keys")
    def make(request: Request, person: Visitor, fields: Fields) -> Response:
        try:
            rights = fields.get("right", ())
            text, key = keys.add(door.store, person, given(fields, "name"), rights, clock=door.clock)
        except EmmausError as error:
            return page(request, person, 400, sentence=str(error))
        return RedirectResponse(f"/account?made={room.to_show_once(f'{text} {key.name}')}", 303)

    @routes.post("/keys/revoke")
    def revoke(person: Visitor, fields: Fields) -> Response:
        keys.revoke(door.store, person, given(fields, "key"), clock=door.clock)
        return RedirectResponse("/account?done=revoked", 303)


def _shown(door: Door, person: Person, here: str) -> dict[str, Any]:
    """Everything that the page shows of somebody; `here` is the session that they look with."""
    return {
        "person": person,
        "account": accounts.by_id(door.store, person.account) if person.account else None,
        "shortest": SHORTEST,
        "provider": door.provider.name if door.provider else "",
        "sessions": sessions.of(door.store, person.account, clock=door.clock),
        "current": here,
        "keys": keys.of(door.store, person.account),
        "rights": [(right, MEANING[right]) for right in RIGHTS[person.post]],
        "when": when,
    }


def when(at: float | None) -> str:
    """A time as pages show it, of this computer's clock."""
    return "never" if at is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _account(door: Door, person: Person) -> Account:
    account = accounts.by_id(door.store, person.account) if person.account else None
    if account is None:
        raise NotFound("there is no password at one's own computer: accounts begin with emmaus up --shared")
    return account
