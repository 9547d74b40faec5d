"""The adapter that ships: every character speaks through it until one of their own is promoted."""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from emmaus.models.files import fingerprint

FOLDER = "starter"


@dataclass(frozen=True, slots=True)
class Starter:
    """One LoRA for all characters, with what it learned from."""

    id: str
    file: Path
    learned: frozenset[str]
    """Ids of the conversations that it was trained on or stopped by."""


def starter(base_file: Path) -> Starter | None:
    """Find the starter adapter of a base model; None where none was made for it.

    Its card names the bytes of both: an adapter fits no other base, and a torn one is left out.
    """
    folder = Path(str(files("emmaus.models") / FOLDER))
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        file = folder / "starter.gguf"
        if base_file.name != card["base"] or fingerprint(base_file) != card["base_sha256"]:
            return None
        if fingerprint(file) != card["sha256"]:
            return None
        return Starter(f"starter-{card['sha256'][:8]}", file, frozenset(card["learned"]))
    except (OSError, ValueError, KeyError, TypeError):  # none ships, or what ships was half written
        return None
