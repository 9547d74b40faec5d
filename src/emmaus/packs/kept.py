"""Files of the cache: what is dear to make, kept between starts, and never read where it is torn or foreign."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_HEAD = b"# sha256 "


def kept_bytes(file: Path) -> bytes | None:
    """Read what `keep_bytes` wrote; None where there is nothing, or other bytes than were written."""
    with suppress(OSError):
        first, _, body = file.read_bytes().partition(b"\n")
        if first == _HEAD + hashlib.sha256(body).hexdigest().encode():
            return body
    return None


def keep_bytes(file: Path, body: bytes) -> None:
    """Keep bytes with their hash; a folder that cannot be written costs time at the next start and nothing else."""
    with suppress(OSError):
        write_whole(file, _HEAD + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def write_whole(file: Path, body: bytes) -> None:
    """Write a file in one step, so that whoever reads sees all of it or none; OSError where that cannot be done."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(body)
        os.replace(part, file)
    finally:
        Path(part).unlink(missing_ok=True)
