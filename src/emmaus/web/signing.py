"""The pages before the door: sign in and out, accept an invitation, come back from another provider."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emmaus.accounts import audit, invitations, links
from emmaus.accounts.accounts import FIRST
from emmaus.accounts.oidc import account_of
from emmaus.accounts.passwords import SHORTEST
from emmaus.accounts.signing_in import IN
from emmaus.errors import EmmausError, NotFound, NotSignedIn
from emmaus.web.door import Door
from emmaus.web.entry import LOST, onward, safe
from emmaus.web.room import Fields, Room, given

BACK = "/sign-in/back"
"""Where a provider sends people back to."""


def router(room: Room, door: Door) -> APIRouter:
    """All routes for people who are not signed in yet."""
    routes = APIRouter(include_in_schema=False)
    _signing(routes, room, door)
    _inviting(routes, room, door)
    _elsewhere(routes, room, door)
    return routes


def asked(room: Room, door: Door, status: int = 200, sentence: str = "", following: str = "/") -> HTMLResponse:
    """The page that asks who somebody is; `sentence` says what was wrong with the last answer."""
    provider = door.provider.name if door.provider else ""
    return room.page(
        "sign-in.html",
        status,
        sentence=sentence,
        following=safe(following),
        provider=provider,
        shared=door.front.shared,
    )


def _signing(routes: APIRouter, room: Room, door: Door) -> None:
    @routes.get("/sign-in")
    def page(request: Request, next: str = "/") -> Response:
        if request.state.person is not None:
            return RedirectResponse(safe(next), 303)
        return asked(room, door, following=next)

    @routes.post("/sign-in")
    def sign_in(request: Request, fields: Fields) -> Response:
        following = safe(given(fields, "next") or "/")
        answer = RedirectResponse(following, 303)
        if not door.front.shared:
            token = given(fields, "token").strip().rpartition("token=")[2]  # the whole link may have been pasted
            if not links.use(door.store, token, clock=door.clock):
                raise NotSignedIn(LOST)
            door.admit(request, answer, None)
            return answer
        try:
            account = door.signing.sign_in(given(fields, "name"), given(fields, "password"), address(request))
        except NotSignedIn as error:
            return asked(room, door, 401, str(error), following)
        door.admit(request, answer, account.id)
        return answer

    @routes.post("/sign-out")
    def sign_out(request: Request) -> Response:
        answer = RedirectResponse("/sign-in", 303)
        door.dismiss(request, answer)
        return answer


def _inviting(routes: APIRouter, room: Room, door: Door) -> None:
    def welcome(token: str, status: int = 200, sentence: str = "", name: str = "") -> Response:
        if not door.front.shared:
            raise NotFound("there are no accounts at one's own computer: they begin with emmaus up --shared")
        invitation = invitations.find(door.store, token, clock=door.clock)
        provider = door.provider.name if door.provider else ""
        return room.page(
            "invitation.html",
            status,
            token=token,
            post=invitation.post.value,
            by="" if invitation.by == FIRST else invitation.by,
            shortest=SHORTEST,
            sentence=sentence,
            name=name,
            provider=provider,
        )

    @routes.get("/invitation/{token}")
    def invitation(token: str) -> Response:
        return welcome(token)

    @routes.post("/invitation/{token}")
    def accept(token: str, request: Request, fields: Fields) -> Response:
        name, password = given(fields, "name"), given(fields, "password")
        welcome(token)  # raises where there is no invitation
        if password != given(fields, "again"):
            return welcome(token, 400, "the two passwords are not the same: write them once more", name)
        try:
            account = invitations.accept(door.store, token, name, password, clock=door.clock)
        except NotFound:
            raise
        except EmmausError as error:
            return welcome(token, 400, str(error), name)
        answer = RedirectResponse("/", 303)
        door.admit(request, answer, account.id)
        return answer


def _elsewhere(routes: APIRouter, room: Room, door: Door) -> None:
    def state(request: Request) -> str:
        return f"{door.front.cookie(request.scope)}-away"

    def keep(request: Request, answer: Response, value: str, age: int) -> None:
        secure = door.front.origin(request.scope).startswith("https://")
        answer.set_cookie(state(request), value, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)

    @routes.post("/sign-in/away")
    def away(request: Request, fields: Fields) -> Response:
        """Go to the provider: from the sign-in page, from an invitation, or to link one's own account with it."""
        if door.provider is None:
            raise NotFound("no other provider vouches for people here: sign in with a password")
        person, origin = request.state.person, door.front.origin(request.scope)
        invited = given(fields, "invitation") or None
        there, known = door.provider.begin(
            origin + BACK,
            invitation=invited,
            account=person.account if person and not invited else None,
            following="/account" if person else safe(given(fields, "next") or "/"),
        )
        # Not a redirect: form-action 'self' of our policy would stop it. And not Strict: it must survive the way back.
        answer = onward_to(room, there, door.provider.name)
        keep(request, answer, known, 600)
        return answer

    @routes.get(BACK)
    def back(request: Request) -> Response:
        if door.provider is None:
            raise NotFound("no other provider vouches for people here: sign in with a password")
        errand, vouched = door.provider.finish(request.query_params, request.cookies.get(state(request), ""))
        anybody = door.everybody
        account = account_of(door.store, vouched, errand, anybody=anybody, clock=door.clock)
        if errand.account is None:  # else somebody who is signed in linked their account, which is written down
            told = f"from {address(request)}, by the word of {door.provider.name}"
            audit.record(door.store, account.name, IN, account.name, told, clock=door.clock)
        answer = onward(errand.following)
        keep(request, answer, "", 0)
        door.admit(request, answer, account.id)
        return answer


def onward_to(room: Room, address: str, name: str) -> HTMLResponse:
    """Leave for another site, by a page that says so."""
    return room.page("away.html", address=address, name=name)


def address(request: Request) -> str:
    """The network address that a request comes from; "" where it has none."""
    return request.client.host if request.client else ""
