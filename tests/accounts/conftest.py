"""A clock that tests move, and an OpenID provider that is small and real."""

from openid import clock, openid

__all__ = ["clock", "openid"]
