"""Sessions: what a browser's cookie stands for. They outlive the program, and end when they are not used."""

from contextlib import suppress
from dataclasses import replace

from emmaus.accounts.audit import Clock
from emmaus.accounts.tokens import hashed, new_token
from emmaus.errors import StoreError
from emmaus.store import Store
from emmaus.types import Session

DAY = 86400.0
LOCAL_LASTS = 30 * DAY
"""Seconds that a browser at this computer stays known without being used."""
SHARED_LASTS = 14 * DAY
"""The same for one that signed in with an account."""
NOTED = 3600.0
"""Seconds between two notes of when a session was last seen: a page view need not write."""


def begin(store: Store, account: str | None, *, clock: Clock) -> tuple[str, Session]:
    """Open a session for an account, or (None) for the person at this computer; its token, which is not kept, too."""
    now = clock()
    for old in store.find(Session, account=account):
        if old.expires_at <= now:
            store.remove(Session, id=old.id)
    token = new_token()
    return token, store.add(Session(hashed(token), account, now, now, now + lasts(account)))


def lasts(account: str | None) -> float:
    """Seconds after which a session that is not used ends."""
    return LOCAL_LASTS if account is None else SHARED_LASTS


def find(store: Store, token: str, *, clock: Clock) -> Session | None:
    """Return the session of this token, which lasts anew from now on; None where it is forged, ended or expired."""
    found = store.find(Session, id=hashed(token))
    now = clock()
    if not found or found[0].expires_at <= now:
        return None
    session = found[0]
    if now - session.seen_at < NOTED:
        return session
    seen = replace(session, seen_at=now, expires_at=now + lasts(session.account))
    with suppress(StoreError):  # neither a full disk nor somebody else's long work locks anybody out
        store.note(seen)
    return seen


def of(store: Store, account: str | None, *, clock: Clock) -> list[Session]:
    """Return the sessions of an account that go on, the one seen last first."""
    now = clock()
    going_on = [session for session in store.find(Session, account=account) if session.expires_at > now]
    return sorted(going_on, key=lambda session: -session.seen_at)


def end(store: Store, id: str, account: str | None) -> bool:
    """End one session of an account at once; False where the account has none of this id."""
    return store.remove(Session, id=id, account=account) > 0


def end_all(store: Store, account: str | None, *, but: str | None = None) -> int:
    """End every session of an account at once, `but` the one of this id; how many there were."""
    if but is None:
        return store.remove(Session, account=account)
    return sum(end(store, session.id, account) for session in store.find(Session, account=account) if session.id != but)
