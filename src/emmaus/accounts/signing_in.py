"""Signing in with a name and a password: whoever guesses is made to wait, and never told whether a name exists."""

import math
from collections.abc import Callable
from threading import Lock

from emmaus.accounts import accounts, passwords
from emmaus.accounts.audit import event, record
from emmaus.accounts.limits import Limiter, Pace
from emmaus.errors import NotSignedIn, TooOften
from emmaus.store import Store
from emmaus.types import Account, AuditEvent, digest

WRONG = "this name and this password do not go together: try again, or ask an admin for another password"
FREE = 5
"""Failures of a name until it must wait."""
FIRST_WAIT = 60.0
LONGEST_WAIT = 3600.0
"""Seconds to wait after that many failures; each further one doubles them, up to the longest."""
REMEMBERED = 86400.0
"""Seconds for which a failure counts."""
ADDRESS = Pace(burst=20, each=15.0)
"""Failures of one address, whatever the names: a guesser has many names, an office behind one address many people."""
IN, FAILED = "sign in", "sign-in failed"
_RESET = ("reset password", "change password", "reopen account")
_COUNTED = FREE + 8
"""Failures that need be looked at: with these, the wait is the longest."""


class SigningIn:
    """Lets people in by their passwords. What a name failed is in the audit log, so that it outlives the program."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._addresses = Limiter(ADDRESS, clock)
        # One at a time: a hundred tries at once would all pass before the first has failed, and each takes 64 MiB.
        self._one = Lock()

    def sign_in(self, name: str, password: str, address: str) -> Account:
        """Return the account of somebody who knows its password.

        Raises:
            NotSignedIn: name and password do not go together, or the account is closed: it is not said which.
            TooOften: this name, or this address, failed too often.
        """
        with self._one:
            if wait := self._addresses.wait(address):
                raise TooOften(f"too many tries from this address: {_later(wait)}", wait)
            account = accounts.find(self._store, name)
            # Names that nobody has count alike; they are not written down, for some are passwords in the wrong field.
            counted = account.name if account else f"unknown {digest(accounts.spelled(name), 12)}"
            if wait := self._lockout(counted):
                raise TooOften(f"too many tries for this name: {_later(wait)}", wait)
            right = passwords.verify(account.password if account else None, password)
            if account is None or not right or account.closed:
                self._addresses.take(address)
                record(self._store, "unknown", FAILED, counted, f"from {address}", clock=self._clock)
                raise NotSignedIn(WRONG)
            self._store.add(event(account.name, IN, account.name, f"from {address}", clock=self._clock))
        if account.password and passwords.outdated(account.password):
            accounts.rehash(self._store, account, password)
        return account

    def _lockout(self, counted: str) -> float:
        """Seconds that a name must still wait."""
        now = self._clock()
        since = max((self._latest(act, counted) for act in (IN, *_RESET)), default=0.0)
        failed = self._store.find(AuditEvent, act=FAILED, object=counted, last=_COUNTED)
        times = [failure.at for failure in failed if failure.at > since and now - failure.at < REMEMBERED]
        if len(times) < FREE:
            return 0.0
        wait = min(FIRST_WAIT * 2.0 ** (len(times) - FREE), LONGEST_WAIT)
        return max(0.0, min(times[-1] + wait - now, LONGEST_WAIT))

    def _latest(self, act: str, object: str) -> float:
        found = self._store.find(AuditEvent, act=act, object=object, last=1)
        return found[0].at if found else 0.0


def _later(wait: float) -> str:
    minutes = math.ceil(wait / 60)
    return f"try again in {minutes} minute{'' if minutes == 1 else 's'}"
