"""Who asks: what a request is made as, and what that lets it do."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from emmaus.store import Store
from emmaus.types import Account, Post, Right, Scope

LOCAL = "local"
"""Name of the person at this computer."""
RIGHTS: Mapping[Post, tuple[Right, ...]] = {
    Post.READER: ("chat", "feedback"),
    Post.REVIEWER: ("chat", "feedback", "review"),
    Post.MAINTAINER: ("chat", "feedback", "review", "desk"),
    Post.ADMIN: ("chat", "feedback", "review", "desk", "admin"),
}
"""What a post lets its holder do."""
NEEDED: Mapping[Post, Right] = {
    Post.READER: "chat",
    Post.REVIEWER: "review",
    Post.MAINTAINER: "desk",
    Post.ADMIN: "admin",
}
"""The right without which a key does nothing that this post is needed for."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a request comes from."""

    subject: str
    """The pseudonym that their conversations, ratings and consent are kept under."""
    name: str
    """As the audit log tells it; `local` for the person at this computer."""
    post: Post
    rights: frozenset[Right] | None
    """What their key allows; None where they come with a session, which allows all that the post does."""
    account: str | None
    """Id of their account; None is the person at this computer."""
    via: Literal["session", "key"]

    def may(self, right: Right) -> bool:
        """Whether this may be done: the post allows it now, and so does the key."""
        return right in RIGHTS[self.post] and (self.rights is None or right in self.rights)

    def has(self, post: Post) -> bool:
        """Whether what this post is needed for may be done: by their own post, and by their key."""
        return self.post.includes(post) and self.may(NEEDED[post])

    def reads(self, subject: str | None, allowed: Iterable[Scope]) -> bool:
        """Whether they may read a conversation: their own, or, as a reviewer, one whose speaker allows review.

        No post reads more than that. `subject` is the speaker, None where nobody spoke (it was generated); `allowed`
        is what the speaker allows now.
        """
        if subject is not None and subject == self.subject:
            return True
        return self.has(Post.REVIEWER) and (subject is None or Scope.REVIEW in frozenset(allowed))


def subject_here(store: Store) -> str:
    """Return the pseudonym of the person at this computer: random, made once, and told to nobody."""
    return store.once("subject", "local-" + uuid.uuid4().hex[:12])


def at_this_computer(subject: str, rights: Iterable[Right] | None = None) -> Person:
    """The person who sits here, or a key of theirs: nobody is above them."""
    kept = None if rights is None else frozenset(rights)
    return Person(subject, LOCAL, Post.ADMIN, kept, None, "session" if rights is None else "key")


def holder(account: Account, rights: Iterable[Right] | None = None) -> Person:
    """Whoever signed in with this account, or a key of theirs."""
    kept = None if rights is None else frozenset(rights)
    via: Literal["session", "key"] = "session" if rights is None else "key"
    return Person(account.subject, account.name, account.post, kept, account.id, via)
