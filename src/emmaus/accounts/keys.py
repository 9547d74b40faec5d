"""API keys: what lets a program in, in the name of who made it, and never to more than they may do themselves."""

import hmac
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from emmaus.accounts import accounts
from emmaus.accounts.audit import Clock, event
from emmaus.accounts.person import RIGHTS, Person, at_this_computer, holder
from emmaus.accounts.tokens import hashed, new_token
from emmaus.errors import BadInput, NotAllowed, NotFound, StoreError
from emmaus.store import Store
from emmaus.types import Account, ApiKey, Post, Right

NOTED = 60.0
"""Seconds between two notes of when a key was last used."""
LONGEST_NAME = 64
ALL: tuple[Right, ...] = RIGHTS[Post.ADMIN]
_KEY = re.compile(r"emm_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


def add(store: Store, person: Person, name: str, rights: Iterable[str], *, clock: Clock) -> tuple[str, ApiKey]:
    """Make a key; the key itself, which is shown once and not kept, and what is.

    Raises:
        BadInput: it has no name, or no right, or one that is none.
        NotAllowed: who makes it may not do that themselves.
    """
    called = " ".join(name.split())
    if not 1 <= len(called) <= LONGEST_NAME:
        raise BadInput(f"a key needs a name of 1 to {LONGEST_NAME} characters, that says what it is for")
    kept = _rights(rights)
    for right in kept:
        if not person.may(right):
            raise NotAllowed(
                f"you may not {right!r} yourself ({person.post.value}), so no key of yours may: leave it out"
            )
    id = secrets.token_hex(6)
    text = f"emm_{id}_{new_token()}"
    key = ApiKey(id, hashed(text), called, kept, person.account, clock())
    store.add_all([key, event(person.name, "add key", id, f"{called}: {', '.join(kept)}", clock=clock)])
    return text, key


def find(store: Store, text: str, *, clock: Clock) -> ApiKey | None:
    """Return the key that this is; None where it is forged or was revoked."""
    match = _KEY.fullmatch(text)
    found = store.find(ApiKey, id=match[1], revoked_at=None) if match else []
    if not found or not hmac.compare_digest(found[0].secret, hashed(text)):
        return None
    key, now = found[0], clock()
    if key.used_at is None or now - key.used_at >= NOTED:
        with suppress(StoreError):  # neither a full disk nor somebody else's long work locks a program out
            store.note(replace(key, used_at=now), revoked_at=None)
    return key


def comes_with(store: Store, key: ApiKey, subject: str) -> Person | None:
    """Say as whom a program with this key comes; None where the account was closed.

    `subject` is the pseudonym of the person at this computer. A post that was lowered lowers its keys.
    """
    if key.account is None:
        return at_this_computer(subject, key.rights)
    account = accounts.by_id(store, key.account)
    return holder(account, key.rights) if account else None


def of(store: Store, account: str | None) -> list[ApiKey]:
    """Return the keys of an account, or (None) of the person at this computer, that were not revoked, oldest first."""
    return store.find(ApiKey, account=account, revoked_at=None)


def everyones(store: Store) -> list[tuple[ApiKey, str | None]]:
    """Return all keys that were not revoked, with the name of the account; None is the person at this computer."""
    names = {account.id: account.name for account in store.find(Account)}
    return [(key, names[key.account] if key.account else None) for key in store.find(ApiKey, revoked_at=None)]


def revoke(store: Store, person: Person, id: str, *, clock: Clock) -> ApiKey:
    """Take a key back at once: one's own, or as an admin anybody's.

    Raises:
        NotFound: they have no such key.
    """
    found = store.find(ApiKey, id=id, revoked_at=None)
    if not found or (found[0].account != person.account and not person.has(Post.ADMIN)):
        raise NotFound(f"there is no key {id[:64]!r} of yours: it may have been revoked already")
    after = replace(found[0], revoked_at=clock())
    store.update(after, event(person.name, "revoke key", id, after.name, clock=clock), revoked_at=None)
    return after


def _rights(named: Iterable[str]) -> tuple[Right, ...]:
    wanted = set(named)
    if unknown := sorted(wanted - set(ALL)):
        raise BadInput(f"{unknown[0]!r} is no right: choose from {', '.join(ALL)}")
    if not wanted:
        raise BadInput(f"a key without any right opens nothing: choose from {', '.join(ALL)}")
    return tuple(right for right in ALL if right in wanted)
