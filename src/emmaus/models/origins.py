"""Where the files of a folder of models come from: two addresses whose files have one name get a file each.

The address is noted beside a file that is whole (`.NAME.from`), and beside one on its way (`NAME.part.json`).
"""

import json
from contextlib import suppress
from pathlib import Path

from emmaus.models.remote import name_of
from emmaus.types import digest

SIGNS = 8
"""Hexadecimal digits of an address's digest that tell its file from another of the same name."""


def placed(folder: Path, url: str) -> Path:
    """Where the file of an address lies, or would: under its name there, or with a digest where that is another's."""
    file = folder / name_of(url)
    own = file.with_name(f"{file.stem}-{digest(url, SIGNS)}{file.suffix}")
    return own if origin(own) == url or origin(file) not in ("", url) else file


def origin(file: Path) -> str:
    """The address that a file is from, or what there is of it; "" where none is there, or nobody knows."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        if file.exists():
            return _note(file).read_text(encoding="utf-8").strip()
        return str(json.loads(part_note(file).read_text(encoding="utf-8"))["url"])
    return ""


def part_note(file: Path) -> Path:
    """Where the note of a file on its way lies."""
    return file.with_name(file.name + ".part.json")


def keep_origin(file: Path, url: str) -> None:
    """Note where a file is from that is about to be whole."""
    _note(file).write_text(url + "\n", encoding="utf-8")


def _note(file: Path) -> Path:
    return file.with_name(f".{file.name}.from")
