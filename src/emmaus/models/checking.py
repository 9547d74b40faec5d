"""Whether a model file is what was promised."""

import hashlib
from pathlib import Path

from emmaus.errors import ModelFileError
from emmaus.models.header import read_header


def require_whole(file: Path, wanted: str, source: str = "") -> None:
    """Refuse a file that is no whole GGUF, or has another hash than it should; `source` is the address it came from.

    Raises:
        ModelFileError: it is not what was promised.
    """
    named = f"what {source} sent" if source else str(file)
    if wanted:
        with file.open("rb") as whole:
            found = hashlib.file_digest(whole, "sha256").hexdigest()
        if found != wanted:
            raise ModelFileError(
                f"{named} has the SHA-256 {found}, not {wanted}: it is damaged or another file, see where the hash "
                f"is from{'' if source else ', delete the file'} and download it again"
            )
    try:
        read_header(file)
    except ModelFileError as error:
        raise ModelFileError(f"{named} is no GGUF model that can be used: {error}") from error
