"""Passwords: argon2id, and as much work for a name that is not known as for one that is."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from emmaus.errors import BadInput

SHORTEST = 12
LONGEST = 1024
"""Characters; more would be work for nothing."""


def checked(password: str, name: str) -> str:
    """Return a password that may be taken.

    Long enough is all that is asked: rules about digits and signs make passwords worse (NIST SP 800-63B, 3.1.1.2).

    Raises:
        BadInput: it is too short, too long, or the name itself.
    """
    if len(password) < SHORTEST:
        raise BadInput(
            f"the password has {len(password)} characters, at least {SHORTEST} are needed: some words in a row will do"
        )
    if len(password) > LONGEST:
        raise BadInput(f"the password has {len(password):,} characters: at most {LONGEST:,} are taken")
    if password.strip().casefold() == name.strip().casefold() or len(set(password)) == 1:
        raise BadInput("the password is the name, or one letter over and over: take words that others do not expect")
    return password


def hash_password(password: str) -> str:
    """Hash a password with a salt of its own; 64 MiB and some 0.1 s of work (RFC 9106, second recommendation)."""
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def verify(kept: str | None, password: str) -> bool:
    """Whether this is the password that was hashed. None (no such name, or no password) takes as long to say no."""
    if len(password) > LONGEST:
        return False
    try:
        right = _hasher().verify(kept or _nobodys(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether a hash was made with less work than is asked today: make it anew while the password is at hand."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return hash_password("nobody knows this, and nobody needs to")
