"""A file on a server of the network: its address, what the answers say of it, and what goes wrong as sentences."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from emmaus.errors import BadInput, ModelError
from emmaus.models.transport import CONNECT_SECONDS, Line, loopback

if TYPE_CHECKING:
    import httpx

PATIENCE = 30.0
"""Seconds that the server may stay silent."""
SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE_OF_SEVERAL = re.compile(r"-\d{5}-of-\d{5}\.gguf$")


class Broken(Exception):
    """The connection broke; what came is kept."""


def located(spec: str, hub: str) -> str:
    """Return the address of a file: an address as it is, `owner/repo/file.gguf` at the hub.

    Raises:
        BadInput: it is neither, no GGUF, or one of several pieces.
    """
    spec = spec.strip()
    if "://" in spec:
        url = spec
        if not _is_address(url):
            raise BadInput(f"{spec!r} cannot be downloaded: expected an address that begins with https://")
    else:
        owner, _, rest = spec.strip("/").partition("/")
        repository, _, path = rest.partition("/")
        if not path or ".." in spec:
            raise BadInput(f"{spec!r} names no file: expected OWNER/REPOSITORY/FILE.gguf, or an address")
        url = f"{hub.rstrip('/')}/{quote(owner)}/{quote(repository)}/resolve/main/{quote(path)}"
    name = name_of(url)
    if not name.lower().endswith(".gguf"):
        raise BadInput(f"{spec!r} is no GGUF file: the embedded engine reads files whose name ends with .gguf")
    if _PIECE_OF_SEVERAL.search(name):
        raise BadInput(f"{name} is one of several pieces: choose a model that is one file")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def line_for(url: str) -> Line:
    """A connection that follows redirects; proxies of the environment are used for far hosts only."""
    import httpx

    return Line(
        {
            "follow_redirects": True,
            "timeout": httpx.Timeout(PATIENCE, connect=CONNECT_SECONDS),
            "trust_env": not loopback(urlsplit(url).hostname or ""),
        }
    )


def name_of(url: str) -> str:
    """The name of the file at an address, without what leads out of a folder."""
    name = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable() and letter not in '<>:"|?*').lstrip(".")


def mark(answer: "httpx.Response") -> str:
    """What tells one version of the file from another: a strong ETag, or else the time of its change."""
    tag = str(answer.headers.get("etag", ""))
    return tag if tag and not tag.startswith("W/") else str(answer.headers.get("last-modified", ""))


def linked(answer: "httpx.Response") -> str:
    """The SHA-256 that a hub names for a large file, on its way to where it lies; "" where it names none."""
    for passed in (*answer.history, answer):
        found = str(passed.headers.get("x-linked-etag", "")).strip('"')
        if SHA256.fullmatch(found):
            return found
    return ""


def place(header: str) -> tuple[int, int]:
    """Read `bytes 200-1000/67589`: first byte and total, 0 where that is not told; -1 where it cannot be read."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", header.strip())
    return (int(match[1]), 0 if match[2] == "*" else int(match[2])) if match else (-1, 0)


def refused(url: str, answer: "httpx.Response") -> ModelError:
    """Say why an answer brings no file."""
    status = answer.status_code
    if status in {401, 403}:
        return ModelError(
            f"{url} is not given to everybody (HTTP {status}): download it in a browser where you are signed in, then "
            "name its path"
        )
    if status in {404, 410}:
        return ModelError(f"{url} does not exist (HTTP {status}): see how owner, repository and file are spelled")
    if status == 429:
        return ModelError(f"{url} is asked too often (HTTP 429): wait some minutes, then run the same again")
    return ModelError(f"{url} could not be had (HTTP {status}): try again later")


@contextmanager
def mapped(url: str) -> Iterator[None]:
    """Turn what the HTTP library raises into one sentence, or Broken where going on makes sense."""
    import httpx

    host = urlsplit(url).hostname
    try:
        yield
    except httpx.ConnectError as error:
        if "ssl" in str(error).lower() or "certificate" in str(error).lower():
            raise ModelError(
                f"the connection to {host} is not safe ({_plain(error)}): see the clock and the proxy of this computer"
            ) from error
        raise ModelError(f"{host} cannot be reached ({_plain(error)}): see whether there is a network") from error
    except httpx.ConnectTimeout as error:
        raise ModelError(f"{host} cannot be reached (no answer): see whether there is a network") from error
    except httpx.TimeoutException as error:
        raise Broken(f"it was silent for {PATIENCE:g} seconds") from error
    except (httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise ModelError(f"{url} leads nowhere ({_plain(error)}): see the address") from error
    except httpx.RequestError as error:
        raise Broken("the connection broke") from error


def _plain(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
