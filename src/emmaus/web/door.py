"""The door: who a request comes from, whether they may come in, and how routes ask what they may do.

@routes.post("/api/promote", dependencies=[needs(Post.MAINTAINER)])
def mine(person: Visitor) -> ...:
"""

import math
from collections import OrderedDict
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends, Request
from starlette.responses import Response

from emmaus.accounts import accounts, invitations, keys, links, sessions
from emmaus.accounts.limits import Limiter, Pace
from emmaus.accounts.oidc import Provider
from emmaus.accounts.person import NEEDED, Person, at_this_computer, holder
from emmaus.accounts.signing_in import SigningIn
from emmaus.accounts.tokens import hashed
from emmaus.api import Emmaus
from emmaus.errors import NotAllowed, NotSignedIn, StoreError, TooOften
from emmaus.types import Post, Right, Session
from emmaus.web.guard import Front

Kind: TypeAlias = Literal["chat", "rating", "api"]
PACES: Mapping[Kind, Pace] = MappingProxyType(
    {"chat": Pace(burst=20, each=3.0), "rating": Pace(burst=60, each=1.0), "api": Pace(burst=240, each=0.25)}
)
"""What one person may do in shared mode; nobody who reads the answers is ever held up, and nobody who is in danger. At
one's own computer: all."""
DOING: Mapping[Kind, str] = {"chat": "questions", "rating": "ratings", "api": "requests"}
REMEMBERED = 1000
"""People that are still known when the store cannot be read: somebody in danger is answered whatever is broken."""
FOREVER = 400 * 86400
"""Seconds that a browser keeps a cookie at most (RFC 6265bis); when its session ends is decided here, not there."""
NOBODY = "you are not signed in (any more)"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, as the door saw it."""

    person: Person | None = None
    """Whom it comes from; None where a page is open to everybody."""
    session: str = ""
    """Id of the session that they came with; "" for a key."""
    csrf: str = ""
    """What a form of this session must carry where the browser does not say which page sent it."""
    shared: bool = False
    late: TooOften | None = None
    """Why their question must wait, unless it shows somebody in danger."""
    key: str = ""
    """Id of the key that they came with; "" for a session."""


_VISIT: ContextVar[Visit] = ContextVar("visit", default=Visit())  # noqa: B039 - frozen


def visit() -> Visit:
    """The request that is being answered, for templates: what they show depends on who looks."""
    return _VISIT.get()


def seen(visit: Visit) -> None:
    """Let templates know who looks, for the rest of this request."""
    _VISIT.set(visit)


class Door:
    """Lets people in: by session, key, one-time link, password, invitation, or a provider's word."""

    def __init__(self, home: Emmaus, front: Front | None = None, *, paces: Mapping[Kind, Pace] | None = None) -> None:
        """Make the door of a home. `paces` are those of `PACES` in shared mode, and none else, unless given.

        Raises:
            EmmausError: an OpenID provider is set that cannot be used.
        """
        self.front = front or Front()
        self.store = home.store
        self.clock = home.clock
        self.signing = SigningIn(home.store, home.clock)
        self.subject = home.parts.subject
        self._home = home
        self._limiters = {kind: Limiter(pace, home.clock) for kind, pace in self._paces(paces).items()}
        self._known: OrderedDict[str, tuple[Session, Person]] = OrderedDict()
        self.provider = self._provider()

    def link(self) -> str:
        """Make the path of a link that lets one browser in, once: as the person at this computer."""
        return f"/?token={links.new_link(self.store, only=True, clock=self.clock)}"

    def first(self) -> str | None:
        """Make the path of a link that makes the first admin; None where there are accounts."""
        token = invitations.invite_first(self.store, clock=self.clock)
        return None if token is None else f"/invitation/{token}"

    def by_session(self, token: str) -> Visit:
        """Say who comes with this cookie; a visit of nobody where it is forged, ended or expired, or theirs is closed.

        Raises:
            StoreError: the store cannot be read, and they were not seen since the program started.
        """
        key = hashed(token)
        try:
            session = sessions.find(self.store, token, clock=self.clock)
            person = self._person(session) if session else None
        except StoreError:
            if key not in self._known or self._known[key][0].expires_at <= self.clock():
                raise
            session, person = self._known[key]
        if session is None or person is None:
            self._known.pop(key, None)
            return Visit(shared=self.front.shared)
        self._known[key] = session, person
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return Visit(person, session.id, sha256(f"csrf:{token}".encode()).hexdigest(), self.front.shared)

    def by_key(self, text: str) -> Visit:
        """Say who comes with this key.

        Raises:
            NotSignedIn: it is forged, was revoked, or its account was closed.
        """
        key = keys.find(self.store, text, clock=self.clock)
        person = keys.comes_with(self.store, key, self.subject) if key else None
        if key is None or person is None:
            raise NotSignedIn(
                "this key opens nothing: it was revoked or mistyped; make one at /account, or with: "
                "emmaus key add NAME --right chat"
            )
        return Visit(person, key=key.id, shared=self.front.shared)

    def pace(self, kind: Kind, person: Person) -> None:
        """Count what a person does.

        Raises:
            TooOften: they did too much of it in a short time.
        """
        limiter = self._limiters.get(kind)
        if limiter is not None and (wait := limiter.take(person.subject)):
            seconds = math.ceil(wait)
            raise TooOften(
                f"too many {DOING[kind]} in a short time: try again in {seconds} second{'' if seconds == 1 else 's'}",
                wait,
            )

    def admit(self, request: Request, answer: Response, account: str | None) -> None:
        """Open a session, and give its cookie to the browser that is answered; a session that it had ends."""
        self.dismiss(request, answer)
        token, _ = sessions.begin(self.store, account, clock=self.clock)
        self._cookie(request, answer, token, FOREVER)

    def dismiss(self, request: Request, answer: Response) -> None:
        """End the session of a browser, and take its cookie."""
        key = hashed(self.token(request))
        self._known.pop(key, None)
        self.store.remove(Session, id=key)
        self._cookie(request, answer, "", 0)

    def token(self, request: Request) -> str:
        """The token in the session's cookie; "" where there is none."""
        return request.cookies.get(self.front.cookie(request.scope), "")

    def _cookie(self, request: Request, answer: Response, value: str, age: int) -> None:
        secure = self.front.origin(request.scope).startswith("https://")
        name = self.front.cookie(request.scope)
        answer.set_cookie(name, value, max_age=age, path="/", httponly=True, samesite="strict", secure=secure)

    def _person(self, session: Session) -> Person | None:
        """Say whose session this is; nobody's where it was opened in the other mode."""
        if (session.account is not None) != self.front.shared:
            return None
        if session.account is None:
            return at_this_computer(self.subject)
        account = accounts.by_id(self.store, session.account)
        return holder(account) if account else None

    def _paces(self, given: Mapping[Kind, Pace] | None) -> Mapping[Kind, Pace]:
        if given is not None:
            return given
        return PACES if self.front.shared else {}

    def _provider(self) -> Provider | None:
        s = self._home.settings
        if not self.front.shared or not s.oidc_issuer:
            return None
        return Provider(s.oidc_issuer, s.oidc_client_id, s.oidc_client_secret, self.clock)

    @property
    def everybody(self) -> bool:
        """Whether everybody whom the provider vouches for may come in."""
        return self._home.settings.oidc_open


async def _visitor(request: Request) -> Person:
    person: Person | None = getattr(request.state, "person", None)
    if person is None:
        raise NotSignedIn(NOBODY)
    return person


Visitor = Annotated[Person, Depends(_visitor)]
"""Whom a request comes from, as a route's parameter."""


def needs(post: Post) -> Any:
    """Let only those in whose post includes this one, and whose key, if they come with one, allows as much.

    For `dependencies=[...]` of a route or router, or in an `Annotated[Person, needs(...)]`.
    """

    async def check(person: Visitor) -> Person:
        if not person.has(post):
            if person.post.includes(post):
                raise NotAllowed(
                    f"this key has no right {NEEDED[post]!r}: make one with it at /account, or with emmaus key add"
                )
            raise NotAllowed(f"this needs the post {post.value}, and yours is {person.post.value}: ask an admin")
        return person

    return Depends(check)


def allowed(right: Right) -> Any:
    """Let only those in who have this right, by their post and by their key. To be used as `needs` is."""

    async def check(person: Visitor) -> Person:
        if not person.may(right):
            whose = (
                "this key"
                if person.rights is not None and right not in person.rights
                else f"the post {person.post.value}"
            )
            raise NotAllowed(f"{whose} has no right {right!r}: make a key with it at /account, or ask an admin")
        return person

    return Depends(check)
