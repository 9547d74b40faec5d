"""The JSON API of accounts: what the pages of one's account and of an admin do, for programs."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from emmaus.accounts import accounts, audit, invitations, keys, sessions
from emmaus.accounts.person import RIGHTS, Person
from emmaus.errors import BadInput, NotAllowed, NotFound
from emmaus.types import Account, ApiKey, AuditEvent, Invitation, Post, Right
from emmaus.web.door import Door, Visitor, needs
from emmaus.web.signing import address

MOST = 2000
"""Events in one answer."""


class NewPassword(BaseModel):
    """The password that one has, and the one to come."""

    model_config = ConfigDict(extra="forbid")

    old: str = ""
    new: str


class NewKey(BaseModel):
    """What a key is for, and what it may do."""

    model_config = ConfigDict(extra="forbid")

    name: str
    rights: list[Right] = Field(min_length=1)


class Changed(BaseModel):
    """What an account becomes; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    post: Post | None = None
    closed: bool | None = None


class NewInvitation(BaseModel):
    """The post that somebody is invited to."""

    model_config = ConfigDict(extra="forbid")

    post: Post = Post.READER


@dataclass(frozen=True, slots=True)
class Own:
    """Who one is here."""

    name: str
    post: Post
    rights: tuple[Right, ...]
    """What this request may do: what the post allows, and the key, if it came with one."""
    via: str


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that is signed in."""

    id: str
    created_at: float
    seen_at: float
    expires_at: float
    current: bool
    """Whether it is the one that asks."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without its secret."""

    id: str
    name: str
    rights: tuple[Right, ...]
    created_at: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was just made."""

    id: str
    key: str
    """The key itself; it is told this once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An account, as an admin sees it."""

    name: str
    post: Post
    closed: bool
    created_at: float
    password: bool
    """Whether it has one."""
    provider: str | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is still open."""

    id: str
    post: Post
    by: str
    created_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation that was just made."""

    id: str
    link: str
    """It is told this once."""
    expires_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How many there were."""

    count: int


def router(door: Door) -> APIRouter:
    """All routes of accounts under /api."""
    routes = APIRouter(prefix="/api")
    _own(routes, door)
    _keys(routes, door)
    _people(routes, door)

    @routes.get("/audit", dependencies=[needs(Post.ADMIN)])
    def log(who: str = "", act: str = "", last: Annotated[int, Query(ge=1, le=MOST)] = audit.SHOWN) -> list[AuditEvent]:
        """Say what was done, newest first, by one account or of one kind where these are given."""
        return audit.read(door.store, who=who, act=act, last=last)

    return routes


def _own(routes: APIRouter, door: Door) -> None:
    @routes.get("/account")
    def own(person: Visitor) -> Own:
        """Say who one is here, and what one may do."""
        rights = tuple(right for right in RIGHTS[person.post] if person.may(right))
        return Own(person.name, person.post, rights, person.via)

    @routes.put("/account/password")
    def password(request: Request, person: Visitor, given: NewPassword) -> Ended:
        """Change one's password; every browser is signed out, the one that asks too."""
        _require_session(person)
        account = accounts.by_id(door.store, person.account) if person.account else None
        if account is None:
            raise NotFound("there is no password at one's own computer: accounts begin with emmaus up --shared")
        before = len(sessions.of(door.store, account.id, clock=door.clock))
        door.signing.change_password(account, given.old, given.new, address(request))
        return Ended(before)

    @routes.get("/account/sessions")
    def browsers(request: Request, person: Visitor) -> list[Browser]:
        """List the browsers that are signed in, the one seen last first."""
        _require_session(person)
        here = request.state.visit.session
        found = sessions.of(door.store, person.account, clock=door.clock)
        return [Browser(s.id, s.created_at, s.seen_at, s.expires_at, s.id == here) for s in found]

    @routes.delete("/account/sessions/{session}")
    def end(session: str, person: Visitor) -> Ended:
        """Sign one browser out."""
        _require_session(person)
        if not sessions.end(door.store, session, person.account):
            raise NotFound("there is no such browser of yours: it may have been signed out already")
        return Ended(1)

    @routes.delete("/account/sessions")
    def end_others(request: Request, person: Visitor) -> Ended:
        """Sign every browser out but the one that asks."""
        _require_session(person)
        here = request.state.visit.session or None
        return Ended(sessions.end_all(door.store, person.account, but=here))


def _keys(routes: APIRouter, door: Door) -> None:
    @routes.get("/keys")
    def own(person: Visitor) -> list[Key]:
        """List one's keys, oldest first."""
        _require_session(person)
        return [_key(key) for key in keys.of(door.store, person.account)]

    @routes.post("/keys", status_code=201)
    def make(person: Visitor, wanted: NewKey) -> Made:
        """Make a key. It is told once, and may do no more than who makes it."""
        _require_session(person)
        text, key = keys.add(door.store, person, wanted.name, wanted.rights, clock=door.clock)
        return Made(key.id, text)

    @routes.delete("/keys/{key}")
    def revoke(key: str, request: Request, person: Visitor) -> Key:
        """Take a key back, at once. A key may always take back itself."""
        if key != request.state.visit.key:
            _require_session(person)
        return _key(keys.revoke(door.store, person, key, clock=door.clock))


def _people(routes: APIRouter, door: Door) -> None:
    admin = [needs(Post.ADMIN)]

    @routes.get("/people", dependencies=admin)
    def people() -> list[Listed]:
        """List all accounts, oldest first."""
        return [_listed(account) for account in accounts.everybody(door.store)]

    @routes.patch("/people/{name}", dependencies=admin)
    def change(name: str, person: Visitor, wanted: Changed) -> Listed:
        """Give an account another post, close it, or open it again. The last admin stays."""
        account = accounts.get(door.store, name)
        if wanted.post is not None and wanted.closed is not None:
            raise BadInput("change the post, or close or open the account: one at a time")
        if wanted.post is not None:
            account = accounts.change_post(door.store, name, wanted.post, by=person.name, clock=door.clock)
        if wanted.closed is not None:
            act = accounts.close if wanted.closed else accounts.reopen
            account = act(door.store, name, by=person.name, clock=door.clock)
        return _listed(account)

    @routes.get("/invitations", dependencies=admin)
    def open_ones() -> list[Invited]:
        """List the invitations that can still be accepted."""
        return [_invited(invitation) for invitation in invitations.pending(door.store, clock=door.clock)]

    @routes.post("/invitations", dependencies=admin, status_code=201)
    def invite(request: Request, person: Visitor, wanted: NewInvitation) -> Link:
        """Invite somebody. The link is told once, and can be used once, within a week."""
        token, made = invitations.invite(door.store, wanted.post, by=person.name, clock=door.clock)
        return Link(made.id, f"{door.front.origin(request.scope)}/invitation/{token}", made.expires_at)

    @routes.delete("/invitations/{invitation}", dependencies=admin)
    def withdraw(invitation: str, person: Visitor) -> Ended:
        """Withdraw an invitation."""
        invitations.revoke(door.store, invitation, by=person.name, clock=door.clock)
        return Ended(1)


def _require_session(person: Person) -> None:
    """Refuse a key that acts on the account itself: what it makes or ends would outlast it, and lock its owner out."""
    if person.via == "key" and not person.may("admin"):
        raise NotAllowed("this is done in a browser that is signed in, or with a key that has the right 'admin'")


def _key(key: ApiKey) -> Key:
    return Key(key.id, key.name, key.rights, key.created_at, key.used_at)


def _listed(account: Account) -> Listed:
    a = account
    return Listed(a.name, a.post, a.closed, a.created_at, a.password is not None, a.provider)


def _invited(invitation: Invitation) -> Invited:
    i = invitation
    return Invited(i.id, i.post, i.by, i.created_at, i.expires_at)
