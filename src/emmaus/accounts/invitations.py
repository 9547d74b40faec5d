"""Invitations: a link with which somebody makes an account, once, within a week."""

from dataclasses import replace

from emmaus.accounts import accounts, passwords
from emmaus.accounts.audit import Clock, event, record
from emmaus.accounts.links import LINK
from emmaus.accounts.tokens import hashed, new_token
from emmaus.errors import NotFound
from emmaus.store import Store
from emmaus.types import Account, Invitation, Post

LASTS = 7 * 86400.0
"""Seconds for which an invitation can be accepted."""
GONE = "this invitation was used, was withdrawn, or is older than a week: ask whoever invited you for another"


def invite(store: Store, post: Post, *, by: str, clock: Clock) -> tuple[str, Invitation]:
    """Invite somebody; the token of the link, which is not kept, and what is."""
    token, now = new_token(), clock()
    invitation = Invitation(hashed(token), post, by, now, now + LASTS)
    store.add_all([invitation, event(by, "invite", invitation.id[:12], post.value, clock=clock)])
    return token, invitation


def invite_first(store: Store, *, clock: Clock) -> str | None:
    """Invite the first admin: the token of the link that makes it; None where there are accounts.

    Links of earlier starts are no good any more.
    """
    store.remove(Invitation, by=accounts.FIRST, used_by=None)
    if store.count(Account):
        return None
    return invite(store, Post.ADMIN, by=accounts.FIRST, clock=clock)[0]


def find(store: Store, token: str, *, clock: Clock) -> Invitation:
    """Return the invitation of this token.

    Raises:
        NotFound: there is none that can be accepted.
    """
    found = store.find(Invitation, id=hashed(token), used_by=None)
    if not found or found[0].by == LINK or found[0].expires_at <= clock():
        raise NotFound(GONE)
    if found[0].by == accounts.FIRST and store.count(Account):
        raise NotFound("this link makes the first admin, and there are accounts already: sign in, or ask to be invited")
    return found[0]


def pending(store: Store, *, clock: Clock) -> list[Invitation]:
    """Return the invitations that can still be accepted, oldest first."""
    now = clock()
    return [i for i in store.find(Invitation, used_by=None) if i.by != LINK and i.expires_at > now]


def accept(store: Store, token: str, name: str, password: str, *, clock: Clock) -> Account:
    """Make the account that an invitation is for, with a name and a password of one's own.

    Raises:
        NotFound: there is no invitation that can be accepted; somebody else may have been faster.
        BadInput: the name or the password cannot be taken, or the name is.
    """
    find(store, token, clock=clock)  # before any work is done for it
    kept = accounts.checked_name(name)
    hash = passwords.hash_password(passwords.checked(password, kept))
    with accounts.alone(store):
        accounts.require_free(store, kept)
        return _taken(store, token, kept, hash, None, clock)


def accept_vouched(store: Store, token: str, name: str, provider: str, *, clock: Clock) -> Account:
    """Make the account that an invitation is for, for somebody whom a provider vouches for.

    They are called `name`, or, where somebody is already, that with a number. Raises as `accept` does.
    """
    with accounts.alone(store):
        return _taken(store, token, free_name(store, name), None, provider, clock)


def add_vouched(store: Store, name: str, provider: str, *, clock: Clock) -> Account:
    """Make a reader of somebody whom a provider vouches for, where everybody of theirs may come in."""
    with accounts.alone(store):
        kept = free_name(store, name)
        account = accounts.made(kept, Post.READER, None, provider=provider, clock=clock)
        store.add_all([account, event(kept, "add account", kept, f"vouched for by {provider}", clock=clock)])
    return account


def revoke(store: Store, id: str, *, by: str, clock: Clock) -> None:
    """Withdraw an invitation, named by its id or the beginning of it.

    Raises:
        NotFound: there is none that is still open.
    """
    found = [i for i in pending(store, clock=clock) if i.id.startswith(id)] if len(id) >= 6 else []
    if len(found) != 1 or not store.remove(Invitation, id=found[0].id, used_by=None):
        raise NotFound(f"there is no open invitation {id[:64]!r}: it was used or withdrawn already")
    record(store, by, "revoke invitation", found[0].id[:12], found[0].post.value, clock=clock)


def free_name(store: Store, wished: str) -> str:
    """Return the name that is wished for as one that can be had: other letters left out, a number behind."""
    letters = "".join(letter for letter in accounts.spelled(wished) if letter.isalnum() or letter in "._-+@")
    stem = letters[: accounts.LONGEST_NAME - 6]
    stem = stem if len(stem) >= 2 and stem not in accounts.RESERVED else f"{stem}.person".lstrip(".")
    number = 1
    while store.count(Account, name=stem if number == 1 else f"{stem}-{number}"):
        number += 1
    return accounts.checked_name(stem if number == 1 else f"{stem}-{number}")


def _taken(store: Store, token: str, name: str, hash: str | None, provider: str | None, clock: Clock) -> Account:
    invitation = find(store, token, clock=clock)
    account = accounts.made(name, invitation.post, hash, provider=provider, clock=clock)
    detail = f"{invitation.post.value}, invited by {invitation.by}"
    beside = (account, event(name, "accept invitation", invitation.id[:12], detail, clock=clock))
    # All three are kept, or none: only one who accepts finds it unused.
    if not store.update(replace(invitation, used_by=account.id), *beside, used_by=None):
        raise NotFound(GONE)
    return account
