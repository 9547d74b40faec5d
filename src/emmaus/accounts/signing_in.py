"""Signing in with a name and a password: whoever guesses is made to wait, and never told whether a name exists."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import BoundedSemaphore, Lock

from emmaus.accounts import accounts, passwords
from emmaus.accounts.audit import event, record
from emmaus.accounts.limits import Limiter, Pace
from emmaus.errors import NotSignedIn, TooMany, TooOften
from emmaus.store import Store
from emmaus.types import Account, AuditEvent, digest

PATIENCE = 5.0
"""Seconds to wait for those who sign in just now; each of them takes some 0.1 s."""
WAITING = 20
"""Who may wait so at once: half of the threads that answer pages, so that the others' pages come meanwhile."""
WRONG = "this name and this password do not go together: try again, or ask an admin for another password"
WRONG_OLD = "the old password is not right: nothing was changed"
BUSY = "too many people are signing in at this moment: wait some seconds, then try again"
FREE = 5
"""Failures of a name until it must wait."""
FIRST_WAIT = 60.0
LONGEST_WAIT = 3600.0
"""Seconds to wait after that many failures; each further one doubles them, up to the longest."""
REMEMBERED = 86400.0
"""Seconds for which a failure counts."""
ADDRESS = Pace(burst=20, each=15.0)
"""Failures of one address, whatever the names: a guesser has many names, an office behind one address many people."""
HOMES = 64
"""Bits of an IPv6 address that one subscriber has for themselves at least (RFC 6177); the others cost nothing."""
IN, FAILED = "sign in", "sign-in failed"
_RESET = ("reset password", "change password", "reopen account")
_COUNTED = FREE + 8
"""Failures that need be looked at: with these, the wait is the longest."""


class SigningIn:
    """Lets people in by their passwords. What a name failed is in the audit log, so that it outlives the program."""

    def __init__(self, store: Store, clock: Callable[[], float], *, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        self._clock = clock
        self._addresses = Limiter(ADDRESS, clock)
        # One at a time: a hundred tries at once would all pass before the first has failed, and each takes 64 MiB.
        self._one, self._waiting = Lock(), BoundedSemaphore(WAITING)

    def sign_in(self, name: str, password: str, address: str) -> Account:
        """Return the account of somebody who knows its password.

        Raises:
            NotSignedIn: name and password do not go together, or the account is closed: it is not said which.
            TooOften: this name, or this address, failed too often.
            TooMany: too many sign in at once.
        """
        with self._turn():
            account = accounts.find(self._store, name)
            # Names that nobody has count alike; they are not written down, for some are passwords in the wrong field.
            counted = account.name if account else f"unknown {digest(accounts.spelled(name), 12)}"
            account = self._proved(account, counted, password, address, WRONG)
            self._store.add(event(account.name, IN, account.name, f"from {address}", clock=self._clock))
        if account.password and passwords.outdated(account.password):
            accounts.rehash(self._store, account, password)
        return account

    def change_password(self, account: Account, old: str, new: str, address: str) -> Account:
        """Change a password for whoever knows the old one; one that there was none of can be set without.

        Raises:
            NotSignedIn: the old one is wrong. It counts as a sign-in that failed: a stolen session may be guessing.
            BadInput: the new one cannot be taken.
            TooOften: this name, or this address, failed too often.
            TooMany: too many sign in at once.
        """
        if account.password is not None:
            with self._turn():
                self._proved(account, account.name, old, address, WRONG_OLD)
        return accounts.change_password(self._store, account, new, clock=self._clock)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one's turn, but not for long, and not with everybody else."""
        if not self._waiting.acquire(blocking=False):
            raise TooMany(BUSY, PATIENCE)
        try:
            if not self._one.acquire(timeout=self._patience):
                raise TooMany(BUSY, PATIENCE)
            try:
                yield
            finally:
                self._one.release()
        finally:
            self._waiting.release()

    def _proved(self, account: Account | None, counted: str, password: str, address: str, wrong: str) -> Account:
        """Return the account if this is its password; `counted` is the name that a failure counts for."""
        home = network(address)
        if wait := self._addresses.wait(home):
            raise TooOften(f"too many tries from this address: {_later(wait)}", wait)
        if wait := self._lockout(counted):
            raise TooOften(f"too many tries for this name: {_later(wait)}", wait)
        right = passwords.verify(account.password if account else None, password)
        if account is None or not right or account.closed:
            self._addresses.take(home)
            record(self._store, "unknown", FAILED, counted, f"from {address}", clock=self._clock)
            raise NotSignedIn(wrong)
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


def network(address: str) -> str:
    """Return what one caller has for themselves: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, HOMES), strict=False))


def _later(wait: float) -> str:
    minutes = math.ceil(wait / 60)
    return f"try again in {minutes} minute{'' if minutes == 1 else 's'}"
