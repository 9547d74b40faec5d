"""The files that pages refer to: each at an address that changes with its content, so a browser keeps it for good.

A module that imports another by its bare name (`./other.js`) gets it as well; the browser then asks each time whether
it changed. A file under two addresses is two modules to a browser: import what no page names.
"""

import hashlib
import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from emmaus.errors import NotFound

STATIC = Path(str(files("emmaus.web"))) / "static"
KEPT = "max-age=31536000, immutable"
"""For an address that names the content: a year, which stands for "for good" (RFC 9111, RFC 8246)."""
ASKED = "no-cache"
"""For any other: kept, and asked for again each time."""


def asset(name: str) -> str:
    """Return the address of a file below static/: `/static/chat.js?v=1f3a90bc`.

    Raises:
        NotFound: there is no such file.
    """
    try:
        return f"/static/{name}?v={_version(STATIC / name)}"
    except OSError:
        raise NotFound(
            f"the file {name} of the pages is not there: install Emmaus again (in the repository: make setup)"
        ) from None


class Static(StaticFiles):
    """Serves the folder, and says for how long each answer may be kept."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with a file, or with "not modified" to whoever has this content already."""
        version = _version(Path(full_path))
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        headers = {"Cache-Control": KEPT if asked == [version] else ASKED, "ETag": f'"{version}"'}
        answer = FileResponse(full_path, status_code, headers, stat_result=stat_result)
        if self.is_not_modified(answer.headers, Headers(scope=scope)):
            return NotModifiedResponse(answer.headers)
        return answer


def _version(file: Path) -> str:
    """Eight hex digits of the content's SHA-256."""
    told = file.stat()
    return _hashed(file, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=256)
def _hashed(file: Path, changed: int, size: int) -> str:
    """Read a file once for as long as it does not change: whoever works on it need not start the program anew."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]
