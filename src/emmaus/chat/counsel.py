"""What no character answers: the asker's own future, their body, their case at law, and the forgiving of their sins.

No model that speaks as a prophet, a lawgiver or an apostle is asked what only a doctor, a lawyer, a pastor or nobody
can answer: the program says so itself, out of character. Patterns alone decide, and they keep to what is plainly asked.
Talk about illness, law, forgiveness or the future in general is the character's.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from emmaus.chat.care import spoken

LONGEST = 6_000
"""Characters of a message that are looked at: no longer question is answered."""


def counsel_sought(text: str) -> str | None:
    """Name what a question asks for that no character gives; None where it asks for nothing of the kind.

    It is `prophecy` (about the asker or theirs), `medical`, `legal` or `absolution`.
    """
    said = spoken(text[:LONGEST])
    return next((kind for kind, pattern in _patterns() if pattern.search(said)), None)


def counsel_text(kind: str, name: str) -> str:
    """Say kindly why a character of this `name` does not answer this, whom to ask, and what they can be asked."""
    says = _read()["says"]
    return f"{says['opening']} {says[kind]}\n\n{says['asking'][kind]}".format(name=name)


@cache
def _read() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((files("emmaus.chat") / "counsel.yaml").read_text(encoding="utf-8"))
    return read


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    words = {name: listed.replace("\n", "") for name, listed in _read()["words"].items()}
    names = re.compile("|".join(words))

    def whole(pattern: str) -> str:
        while names.search(pattern):
            pattern = names.sub(lambda name: words[name[0]], pattern)
        return pattern

    return tuple(
        (kind, re.compile(whole(pattern)))
        for kind, several in _read()["patterns"].items()
        for pattern in several.splitlines()
    )
