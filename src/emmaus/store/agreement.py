"""The words that people agree to. A grant in the ledger holds for these words and for no others."""

from functools import cache
from importlib.resources import files

from emmaus.types import digest


@cache
def policy() -> tuple[str, str]:
    """The words that are agreed to, and their version (a hash)."""
    text = (files("emmaus.store") / "policy.md").read_text(encoding="utf-8").strip()
    return text, digest(text, 12)
