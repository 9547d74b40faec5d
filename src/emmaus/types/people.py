"""Who may do what here: accounts and what lets them in, and what was decided by whom."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

Right: TypeAlias = Literal["chat", "feedback", "review", "desk", "admin"]
"""What a key lets a program do."""
Better: TypeAlias = Literal["turn", "other", "neither"]
"""Which of two answers is better: the one that was there first, the one drawn to be compared with it, or neither."""


class Post(StrEnum):
    """What an account may do; each may do what those before it may."""

    READER = "reader"
    """Talk, rate, and decide about their own data."""
    REVIEWER = "reviewer"
    """Work the queue of conversations whose speakers allow review."""
    MAINTAINER = "maintainer"
    """Generate, freeze, train, evaluate, promote, roll back, choose models."""
    ADMIN = "admin"
    """Invite, change and close accounts, and read the audit log."""

    def includes(self, other: "Post") -> bool:
        """Whether who has this post may do what the other may."""
        posts = list(Post)
        return posts.index(self) >= posts.index(other)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in, in shared mode."""

    id: str
    name: str
    """What they sign in with, in small letters."""
    password: str | None
    """Argon2id hash; None where only another provider vouches for them."""
    post: Post
    subject: str
    """The pseudonym that their conversations, ratings and consent are kept under."""
    provider: str | None = None
    """Issuer and subject of the OpenID provider that vouches for them."""
    closed: bool = False
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in."""

    id: str
    """SHA-256 of the token in its cookie."""
    account: str | None
    """None is the person at this computer, in local mode."""
    created_at: float
    seen_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link with which somebody makes an account, once."""

    id: str
    """SHA-256 of the token in the link."""
    post: Post
    by: str
    """Name of the account that invited."""
    created_at: float
    expires_at: float
    used_by: str | None = None
    """Id of the account that came of it."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What lets a program in, in the name of who made it."""

    id: str
    """The part of the key that is shown."""
    secret: str
    """SHA-256 of the whole key."""
    name: str
    rights: tuple[Right, ...]
    account: str | None
    """None is the person at this computer, in local mode."""
    created_at: float
    used_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An administrative act: who did what to what."""

    id: str
    at: float
    who: str
    """Name of the account; `local` for the person at this computer."""
    act: str
    """A verb and what it is done to, as "promote adapter"."""
    object: str
    """Its id or name."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer decided about one turn; the latest of a turn holds."""

    id: str
    turn: str
    reviewer: str
    """Name of the account; `local` for the person at this computer."""
    decision: Literal["accept", "edit", "reject", "skip", "undo"]
    reasons: tuple[str, ...] = ()
    correction: str | None = None
    """The answer that should have been given, where it was edited."""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Preference:
    """Which of two answers to one question a person found better."""

    id: str
    turn: str
    """The answer that was there first."""
    other: str
    """The answer that was drawn to be compared with it."""
    subject: str
    better: Better
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that did not come to its end: it was stopped, or the program was. Never learned from."""

    id: str
    """Id that the turn would have had."""
    character: str
    subject: str
    conversation: str | None
    """The kept conversation that it would have gone on with; None where it would have begun one."""
    question: str
    text: str
    """As much of the answer as a reader had seen."""
    at: float
    """When it was last written to."""
