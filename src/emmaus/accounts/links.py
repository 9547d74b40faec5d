"""The one-time link of the person at this computer: who can read the terminal, or the home, may come in.

It is kept beside invitations, as one that makes no account: so the command can make one for a program that runs.
"""

from emmaus.accounts.audit import Clock
from emmaus.accounts.tokens import hashed, new_token
from emmaus.store import Store
from emmaus.types import Invitation, Post

LINK = "link"
"""What a link says it is by; no account can have this name."""
LASTS = 86400.0
"""Seconds for which a link can be opened."""


def new_link(store: Store, *, only: bool, clock: Clock) -> str:
    """Make a token that opens one session. `only` ends the links that were made before and not opened."""
    if only:
        store.remove(Invitation, by=LINK)
    token, now = new_token(), clock()
    store.add(Invitation(hashed(token), Post.ADMIN, LINK, now, now + LASTS))
    return token


def use(store: Store, token: str, *, clock: Clock) -> bool:
    """Use up a link; False where it was opened before, is too old, or never was one."""
    found = store.find(Invitation, id=hashed(token), by=LINK)
    # Removed by whoever is first, and only they see that something was.
    return bool(found) and store.remove(Invitation, id=found[0].id, by=LINK) > 0 and found[0].expires_at > clock()
