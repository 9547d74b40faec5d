"""Begin a pack: a small one that is whole, to be written over file by file. What it says is in template/."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from emmaus.errors import BadInput
from emmaus.packs.reading import SLUG

_FILLED = "pack.yaml"
"""The one file in which `$name` stands for the name of the pack."""


def new_pack(folder: Path | str, name: str | None = None) -> tuple[Path, ...]:
    """Write a small, complete pack into `folder` and give its files. Nothing is ever written over.

    Args:
        folder: Where; made where it is missing.
        name: Short name of the pack, `[a-z0-9-]+`; the folder's name where None.

    Raises:
        BadInput: one of the files is there already, the folder cannot be written, or the name has other characters.
    """
    folder = Path(folder)
    name = _slug(folder.absolute().name) if name is None else name
    if not SLUG.fullmatch(name):
        raise BadInput(f"the name {name!r} has other characters than [a-z0-9-]: write it like --name my-pack")
    texts = {folder / place: text for place, text in _template(files("emmaus.packs") / "template")}
    for file in texts:
        if file.exists():
            raise BadInput(f"{file} is there already: give a folder that is empty or new")
    try:
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as out:
                out.write(Template(text).substitute(name=name) if file.name == _FILLED else text)
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be written ({error.strerror}): give another folder") from None
    return tuple(texts)


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "my-pack"


def _template(folder: Traversable, place: str = "") -> list[tuple[str, str]]:
    """List the files of the template, each with its place in the pack and its text."""
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name)):
        if entry.is_dir():
            found += _template(entry, f"{place}{entry.name}/")
        elif entry.name.endswith((".yaml", ".txt")):
            found.append((place + entry.name, entry.read_text("utf-8")))
    return found
