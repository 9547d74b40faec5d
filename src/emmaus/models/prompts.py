"""Prompts are files: `prompts/NAME.md`, versioned by the hash of their words."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from emmaus.errors import NotFound
from emmaus.types import digest


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt template; `hash` is stored with everything that it produced."""

    name: str
    text: str
    hash: str


@cache
def load(name: str) -> Prompt:
    """Load the prompt `name`; surrounding blank lines do not count.

    Raises:
        NotFound: there is none of that name; the message lists those there are.
    """
    folder = files("emmaus.models") / "prompts"
    known = {file.name.removesuffix(".md"): file for file in folder.iterdir() if file.name.endswith(".md")}
    if name not in known:
        raise NotFound(f"there is no prompt '{name}': known are {', '.join(sorted(known)) or 'none'}")
    text = known[name].read_text("utf-8").strip()
    return Prompt(name, text, digest(text))
