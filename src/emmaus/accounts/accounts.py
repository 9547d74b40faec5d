"""Accounts: made, given another post, closed and opened again; there is always an admin left."""

import re
import secrets
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from emmaus.accounts import passwords, sessions
from emmaus.accounts.audit import Clock, event, record
from emmaus.accounts.links import LINK
from emmaus.accounts.person import LOCAL
from emmaus.errors import BadInput, EmmausError, NotFound
from emmaus.store import Store, lock
from emmaus.types import Account, ApiKey, Invitation, Post, sound

FIRST = "first start"
"""Who invites the first admin."""
RESERVED = frozenset({LOCAL, LINK, FIRST, "unknown", "maintainer"})
"""Names that stand for somebody else in what is kept."""
LONGEST_NAME = 64
PATIENCE = 10.0
"""Seconds to wait for another act on accounts."""
_NAME = re.compile(r"[\w.@+-]+")


def checked_name(name: str) -> str:
    """Return a name as it is kept: in small letters, and one way to write each letter.

    Raises:
        BadInput: it is empty, too long, holds other than letters, digits and . _ - + @, or stands for somebody else.
    """
    kept = spelled(name)
    if not 2 <= len(kept) <= LONGEST_NAME or not _NAME.fullmatch(kept):
        raise BadInput(
            f"{name[:80]!r} cannot be a name: take 2 to {LONGEST_NAME} letters, digits or . _ - + @, without blanks"
        )
    if kept in RESERVED:
        raise BadInput(f"the name {kept!r} is taken by the program itself: take another")
    return kept


def spelled(name: str) -> str:
    """Return a name as it would be kept, whether or not it can be one."""
    return unicodedata.normalize("NFKC", sound(name)).strip().casefold()


def made(name: str, post: Post, hash: str | None, *, provider: str | None = None, clock: Clock) -> Account:
    """Describe a new account; its pseudonym tells nothing of its name."""
    subject = "person-" + secrets.token_hex(6)
    return Account(uuid.uuid4().hex, name, hash, post, subject, provider, created_at=clock())


def add(store: Store, name: str, password: str, post: Post, *, by: str, clock: Clock) -> Account:
    """Make an account. Nobody needs to be invited for it: whoever calls this may do so.

    Raises:
        BadInput: the name or the password cannot be taken, or the name is.
    """
    kept = checked_name(name)
    hash = passwords.hash_password(passwords.checked(password, kept))
    with alone(store):
        require_free(store, kept)
        account = made(kept, post, hash, clock=clock)
        store.add_all([account, event(by, "add account", kept, post.value, clock=clock)])
    return account


def find(store: Store, name: str) -> Account | None:
    """Return the account of this name; None where there is none."""
    found = store.find(Account, name=spelled(name))
    return found[0] if found else None


def get(store: Store, name: str) -> Account:
    """Return the account of this name.

    Raises:
        NotFound: there is none.
    """
    found = find(store, name)
    if found is None:
        known = ", ".join(account.name for account in store.find(Account, last=5))
        hint = f"there are {known}" if known else "there are none yet: emmaus account add NAME --post admin"
        raise NotFound(f"there is no account {name!r}; {hint}")
    return found


def by_id(store: Store, id: str) -> Account | None:
    """Return the account with exactly this id, unless it is closed; else None."""
    found = store.find(Account, id=id, closed=False)
    return found[0] if found else None


def everybody(store: Store) -> list[Account]:
    """Return all accounts, oldest first."""
    return store.find(Account)


def change_post(store: Store, name: str, post: Post, *, by: str, clock: Clock) -> Account:
    """Give an account another post, from its next request on.

    Raises:
        NotFound: there is no such account.
        EmmausError: it is the last admin.
    """
    with alone(store):
        before = get(store, name)
        if before.post == post:
            return before
        if not post.includes(Post.ADMIN):
            _require_another_admin(store, before, "be given another post")
        return _changed(store, before, "change post", f"{before.post.value} to {post.value}", by, clock, post=post)


def close(store: Store, name: str, *, by: str, clock: Clock) -> Account:
    """Close an account: its sessions end, its keys and open invitations are no good any more. What it said stays.

    Raises:
        NotFound: there is no such account.
        EmmausError: it is the last admin.
    """
    with alone(store):
        before = get(store, name)
        if before.closed:
            return before
        _require_another_admin(store, before, "be closed")
        after = _changed(store, before, "close account", "", by, clock, closed=True)
        _revoke_keys(store, after, by, clock)
    sessions.end_all(store, after.id)
    return after


def reopen(store: Store, name: str, *, by: str, clock: Clock) -> Account:
    """Open a closed account again; its holder signs in anew, and makes new keys.

    Raises:
        NotFound: there is no such account.
    """
    with alone(store):
        before = get(store, name)
        if not before.closed:
            return before
        _revoke_keys(store, before, by, clock)  # what was made while it was being closed
        return _changed(store, before, "reopen account", "", by, clock, closed=False)


def change_password(store: Store, account: Account, new: str, *, clock: Clock) -> Account:
    """Change the password of who proved to be its holder; every session ends, for one of them may be why.

    Keys go on working, as at GitHub and GitLab: they were not made of the password, nobody who knows it learns them,
    and the programs that use them would break unseen. They are listed beside the form, to be revoked one by one.

    Raises:
        BadInput: the new one cannot be taken.
    """
    return _set_password(store, account, new, by=account.name, act="change password", clock=clock)


def reset_password(store: Store, name: str, new: str, *, by: str, clock: Clock) -> Account:
    """Give an account another password, for somebody who forgot theirs or was locked out.

    Raises:
        NotFound: there is no such account.
        BadInput: the password cannot be taken.
    """
    return _set_password(store, get(store, name), new, by=by, act="reset password", clock=clock)


def rehash(store: Store, account: Account, password: str) -> None:
    """Hash a password anew with today's work, while it is at hand; not if the account was changed meanwhile."""
    after = replace(account, password=passwords.hash_password(password))
    a = account
    as_read = {"password": a.password, "post": a.post.value, "closed": a.closed, "provider": a.provider}
    store.update(after, **as_read)


def link_provider(store: Store, account: Account, provider: str, *, clock: Clock) -> Account:
    """Let a provider's word open this account from now on.

    Raises:
        BadInput: it opens another one already.
    """
    with alone(store):
        if any(other.id != account.id for other in store.find(Account, provider=provider)):
            raise BadInput("this sign-in belongs to another account here: close that one, or take another sign-in")
        now = get(store, account.name)
        return _changed(store, now, "link provider", provider, account.name, clock, provider=provider)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Act on accounts alone among all processes, so that a name is given once and two admins never end each other.

    Raises:
        HomeBusy: another act takes too long.
    """
    with lock(store.home, "accounts", wait=PATIENCE):
        yield


def require_free(store: Store, name: str) -> None:
    """Refuse a name that somebody has. Raises BadInput."""
    if store.count(Account, name=name):
        raise BadInput(f"the name {name!r} is taken: take another")


def _set_password(store: Store, account: Account, new: str, *, by: str, act: str, clock: Clock) -> Account:
    hash = passwords.hash_password(passwords.checked(new, account.name))
    with alone(store):
        after = _changed(store, get(store, account.name), act, "", by, clock, password=hash)
    sessions.end_all(store, account.id)
    return after


def _require_another_admin(store: Store, account: Account, what: str) -> None:
    admins = store.find(Account, post=Post.ADMIN.value, closed=False)
    if [admin.id for admin in admins] == [account.id]:
        raise EmmausError(
            f"{account.name} is the last admin and cannot {what}: make another one first, "
            "with: emmaus account post NAME admin"
        )


def _revoke_keys(store: Store, account: Account, by: str, clock: Clock) -> None:
    for key in store.find(ApiKey, account=account.id, revoked_at=None):
        noted = event(by, "revoke key", key.id, key.name, clock=clock)
        store.update(replace(key, revoked_at=clock()), noted, revoked_at=None)


def _changed(store: Store, before: Account, act: str, detail: str, by: str, clock: Clock, **changes: object) -> Account:
    after: Account = replace(before, **changes)  # type: ignore[arg-type]
    store.update(after, event(by, act, before.name, detail, clock=clock))
    if after.closed or not after.post.includes(Post.ADMIN):  # whom they invited came on their word
        withdrawn = store.remove(Invitation, by=before.name, used_by=None)
        if withdrawn:
            record(store, by, "revoke invitation", f"{withdrawn} of {before.name}", clock=clock)
    return after
