"""Whether the file of an adapter can be served: it is whole, and made for the base model that is."""

from functools import lru_cache
from pathlib import Path

from emmaus.errors import ModelFileError
from emmaus.models.files import check_gguf, fingerprint
from emmaus.types import Adapter


def fault(home: Path, adapter: Adapter) -> str:
    """Say what is wrong with an adapter's file; nothing where it is whole."""
    file = home / adapter.gguf
    try:
        stat = file.stat()
    except OSError:
        return "is missing"
    return _harm(file, adapter.files.get(file.name), stat.st_size, stat.st_mtime_ns)


def fits(adapter: Adapter, base_file: Path) -> bool:
    """Whether an adapter was made for this base model; of one that names no hash nothing is known."""
    made_for = adapter.base.partition("@")[2]
    try:
        return made_for in ("", fingerprint(base_file)[:12])
    except OSError:  # whoever asks the engine is told
        return True


@lru_cache
def _harm(file: Path, registered: str | None, size: int, changed: int) -> str:
    """Compare a file with its registered SHA-256. `size` and `changed` (ns) let one that was replaced be read again."""
    try:
        check_gguf(file)
    except ModelFileError:
        return "is no GGUF file"
    return "" if fingerprint(file) == registered else "is torn or was changed"
