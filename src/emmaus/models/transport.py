"""One HTTP server that speaks JSON and server-sent events. Knows nothing about chats, retries or processes."""

from __future__ import annotations

import json
import socket
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emmaus.models.stopping import Stop

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
IDLE = 20
"""Connections kept open for the next request."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Lost(Exception):
    """The connection could not be made (`reached` is False) or broke before the answer was whole."""

    def __init__(self, reason: str, *, reached: bool) -> None:
        super().__init__(reason)
        self.reached = reached


class Silent(Exception):
    """The server took the request and sent nothing for longer than the timeout."""


class Refused(Exception):
    """The server answered with an error.

    `status` is the HTTP status, `details` the error object of the body, `retry_after` the seconds that the server
    asked to wait, where it did.
    """

    def __init__(self, status: int, details: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.details = details
        self.retry_after = retry_after
        self.message = str(details.get("message") or f"HTTP {status}")
        super().__init__(self.message)


class Server:
    """A thread-safe connection pool to one base URL.

    Proxies of the environment are used for far hosts only: a proxy cannot reach this machine's own loopback.
    """

    def __init__(self, url: str, key: str, *, timeout: float) -> None:
        """Prepare the pool; nothing is sent yet. ValueError where `url` is no address of an HTTP server."""
        import httpx

        self.url = url
        try:
            known = not loopback(_host(url))
            self._options: dict[str, Any] = {
                "base_url": url,
                "headers": {"Authorization": f"Bearer {key}"},
                "timeout": httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout), pool=None),
                "verify": httpx.create_ssl_context(trust_env=known),  # made once: it reads all certificates
                "trust_env": known,
            }
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=IDLE)
            self._client = httpx.Client(limits=limits, **self._options)
        except httpx.InvalidURL as error:
            raise ValueError(str(error)) from error
        self._lines: set[Line] = set()
        self._idle: list[Line] = []
        self._lock = Lock()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
        with self._lock:
            lines, self._idle = tuple(self._lines), []
            self._lines.clear()
        for line in lines:
            line.cut()
            line.client.close()

    def get(self, path: str) -> Any:
        """Read the JSON at `path`; raises Lost, Silent or Refused."""
        with _mapped():
            return _json(self._client.get(path))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send `body` and read the JSON answer; raises Lost, Silent or Refused."""
        with _mapped():
            return _json(self._client.post(path, json=body))

    def stream(
        self, path: str, body: Mapping[str, Any], stop: Stop | None = None
    ) -> Generator[dict[str, Any], None, None]:
        """Send `body` and read the events of the answer; closing the iterator closes it, and `stop` cuts it.

        Raises as `post` does; Lost also when the stream ends without `[DONE]` or a finish reason; Cancelled when it was
        stopped.
        """
        stop = stop or Stop()
        stop.require()
        try:
            yield from self._streamed(path, body, stop)
        except (Lost, Silent, Refused):
            stop.require()
            raise

    def _streamed(self, path: str, body: Mapping[str, Any], stop: Stop) -> Generator[dict[str, Any], None, None]:
        with (
            _mapped(),
            self._line() as line,
            stop.cutting(line.cut),
            line.client.stream("POST", path, json=body, extensions={"trace": line.follow}) as response,
        ):
            if response.status_code >= 400 or "json" in response.headers.get("content-type", ""):
                response.read()
                raise Refused(response.status_code, {"message": f"the answer is not a stream: {_json(response)}"[:300]})
            finished = False
            for data in _events(response):
                if data == b"[DONE]":
                    return
                event = _decoded(data, response.status_code)
                finished = finished or any(choice.get("finish_reason") for choice in event.get("choices") or ())
                yield event
            if not finished:
                raise Lost("the stream ended early", reached=True)

    @contextmanager
    def _line(self) -> Iterator[Line]:
        """Take a connection of one's own."""
        with self._lock:
            line = self._idle.pop() if self._idle else None
            if line is None:
                line = Line(self._options)
                self._lines.add(line)
        try:
            yield line
        finally:
            with self._lock:
                kept = line in self._lines and not line.is_cut and len(self._idle) < IDLE
                if kept:
                    self._idle.append(line)
                self._lines -= set() if kept else {line}
            if not kept:
                line.client.close()


class Line:
    """One connection at a time, which another thread can cut while this one waits for an answer on it.

    To close a socket does not wake whoever reads from it; to shut it down does.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare it with these options of `httpx.Client`; nothing is connected yet."""
        import httpx

        self.client = httpx.Client(limits=httpx.Limits(max_connections=1), **options)
        self.is_cut = False
        self._socket: socket.socket | None = None

    def follow(self, event: str, told: Mapping[str, Any]) -> None:
        """Note the socket of a connection that is made (httpx's `trace`)."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")
            if self.is_cut:
                self.cut()

    def cut(self) -> None:
        """End the connection, and with it whatever the server is at; it is of no use any more."""
        self.is_cut = True
        if self._socket is not None:
            with suppress(OSError):  # it is gone already
                self._socket.shutdown(socket.SHUT_RDWR)


def loopback(host: str) -> bool:
    """Whether a host is this computer's own loopback, which no proxy can reach."""
    return host in LOOPBACK or host.startswith("127.")


def _host(url: str) -> str:
    """Give the host of an HTTP address, or raise ValueError where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("an address begins with http:// or https:// and names a host")
    parts.hostname.encode("idna")  # as the socket will, where a part of the name is empty or too long
    return parts.hostname


def _events(response: httpx.Response) -> Iterator[bytes]:
    """Payloads of `data:` lines. Splits on newlines only: httpx's own line splitter also cuts at U+2028 inside JSON."""
    rest = b""
    for chunk in response.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _json(response: httpx.Response) -> Any:
    if response.status_code < 400:
        return _decoded(response.content, response.status_code)
    try:
        details = response.json()
    except ValueError:
        details = response.text[:300]
    raise Refused(response.status_code, _error(details), _seconds(response.headers.get("retry-after")))


def _decoded(data: bytes, status: int) -> Any:
    """Decode JSON; a body with an `error` is a refusal, whatever its status (some servers send 200)."""
    try:
        value = json.loads(data)
    except ValueError:
        raise Refused(status, {"message": f"the answer is not JSON: {data[:120].decode(errors='replace')!r}"}) from None
    if isinstance(value, dict) and value.get("error"):
        error = _error(value)
        code = error.get("code")
        raise Refused(code if isinstance(code, int) else 500, error)
    return value


def _error(body: Any) -> Mapping[str, Any]:
    error = body.get("error", body) if isinstance(body, dict) else body
    return error if isinstance(error, dict) else {"message": str(error)}


def _seconds(header: str | None) -> float | None:
    """Read Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3)."""
    if not header:
        return None
    if header.strip().replace(".", "", 1).isdigit():
        return float(header)
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


@contextmanager
def _mapped() -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Lost(str(error) or "no connection", reached=False) from error
    except httpx.TimeoutException as error:
        raise Silent(str(error) or "timed out") from error
    except httpx.UnsupportedProtocol as error:
        raise Lost(str(error), reached=False) from error
    except httpx.RequestError as error:
        raise Lost(str(error) or "connection lost", reached=True) from error
