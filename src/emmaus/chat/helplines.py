"""What the program says to somebody in danger: out of character, short, with numbers to call in their country."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from emmaus.chat.care import Crisis
from emmaus.errors import BadInput

COUNTRY = re.compile("[A-Z]{2}")
_LOCALE = re.compile(r"[a-z]{2,3}[_-]([A-Z]{2})\b")


@dataclass(frozen=True, slots=True)
class Helplines:
    """Whom to call in one country, or anywhere."""

    name: str
    """The country, in words; empty where it is any."""
    emergency: str
    by_kind: Mapping[str, tuple[str, ...]]
    """Lines for `self-harm` and for `abuse`."""


def help_text(crisis: Crisis | None, there: Helplines | None = None) -> str:
    """Say plainly, by the kind of danger, whom to call; None is the country of this computer's locale.

    Where nobody is known to be in danger (None), it is said in one sentence, and whom to call just in case.
    """
    says = _shipped()["says"]
    there = there or helplines()
    numbers = [says["danger"].format(number=there.emergency)]
    named = f" ({there.name})" if there.name else ""
    numbers += [
        f"{line}{named if place == 0 else ''}."
        for place, line in enumerate(_lines(crisis.kind if crisis else "self-harm", there))
    ]
    if there.name:
        numbers.append("In another country: findahelpline.com.")
    listed = "\n".join(f"- {number}" for number in numbers)
    if crisis is None:
        return f"{says['in_case']}\n\n{listed}"
    return f"{says['opening']} {says[crisis.kind]}\n\n{listed}\n\n{says['anyone']} {says['closing']}"


def helplines(country: str | None = None, own: Path | None = None) -> Helplines:
    """Whom to call in a country (two letters; None is that of the locale); anywhere, where it has no lines.

    `own` is a file with lines of one's own, which stand in place of those that ship for the same countries.

    Raises:
        BadInput: the file cannot be read, or is not what it should be.
    """
    shipped = _shipped()
    code = country.upper() if country else from_locale()
    lines = {**shipped["lines"], **(_read(own) if own else {})}
    found = lines.get(code)
    if found is None:
        return _made("", shipped["elsewhere"])
    return _made(shipped["names"].get(code, code), found)


def from_locale(environment: Mapping[str, str] = os.environ) -> str:
    """The country of this computer's locale, empty where it has none, as `C.UTF-8`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if said := environment.get(name):
            found = _LOCALE.match(said)
            return found[1] if found else ""
    return ""


def _lines(kind: str, there: Helplines) -> Sequence[str]:
    """The lines for a kind of danger: whoever may harm another finds somebody who listens, too."""
    return there.by_kind["abuse" if kind == "abuse" else "self-harm"]


def _made(name: str, found: Mapping[str, Any]) -> Helplines:
    return Helplines(name, found["emergency"], {kind: tuple(found[kind]) for kind in ("self-harm", "abuse")})


@cache
def _shipped() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((files("emmaus.chat") / "helplines.yaml").read_text(encoding="utf-8"))
    return read


def _read(file: Path) -> dict[str, Any]:
    """Read a file of one's own: under `lines`, by country, `emergency` and lists of `self-harm` and `abuse`."""
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise BadInput(f"the helplines {file} (EMMAUS_HELPLINES) cannot be read: {said}") from error
    lines = read.get("lines") if isinstance(read, dict) else None
    if not isinstance(lines, dict) or not lines:
        raise _fault(file, "it has no 'lines' by country")
    for code, found in lines.items():
        if not isinstance(code, str) or not COUNTRY.fullmatch(code):
            raise _fault(file, f'{code!r} is no country of two capital letters (write "NO" in quotes)')
        if not isinstance(found, dict) or not _text(found.get("emergency")):
            raise _fault(file, f"{code} has no 'emergency' number as text in quotes")
        for kind in ("self-harm", "abuse"):
            listed = found.get(kind)
            if not isinstance(listed, list) or not listed or not all(map(_text, listed)):
                raise _fault(file, f"{code} has no list of lines for '{kind}'")
    return lines


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _fault(file: Path, what: str) -> BadInput:
    form = 'write it as lines: {DE: {emergency: "112", self-harm: ["..."], abuse: ["..."]}}'
    return BadInput(f"the helplines {file} (EMMAUS_HELPLINES): {what}; {form}")
