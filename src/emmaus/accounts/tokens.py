"""What nobody can guess: 256 random bits, of which only the SHA-256 is kept.

A hash without salt or work is enough here: unlike a password, a token cannot be tried out.
"""

import hashlib
import secrets

LONGEST = 200
"""Characters of anything that could be a token; a longer text is none, and is not even hashed."""


def new_token() -> str:
    """43 characters that stand in addresses, cookies and headers as they are."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """The SHA-256 of a token, in hex; of a text that can be none, what no token has."""
    if len(token) > LONGEST or not token.isascii():
        return ""
    return hashlib.sha256(token.encode()).hexdigest()
