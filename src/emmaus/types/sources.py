"""Hash of the program's own files, so that what one version of it made is not taken for the work of another."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from emmaus.types.plain import digest

PACKAGE = Path(__file__).parent.parent


def source_hash(*places: str) -> str:
    """Hash of files of this package, by their paths in it; a folder stands for the files that lie in it, not deeper."""
    return _hashed(PACKAGE, places)


@cache
def _hashed(package: Path, places: tuple[str, ...]) -> str:
    found = [file for place in places for file in _files(package / place)]
    return digest([(file.relative_to(package).as_posix(), sha256(file.read_bytes()).hexdigest()) for file in found])


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.iterdir() if file.is_file() and not file.name.startswith("."))
