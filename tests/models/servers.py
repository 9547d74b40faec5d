"""Small real HTTP servers that follow the chat completions protocol, or break it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(text: str = "Peace.", **more: Any) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        **more,
    }


def event(text: str | None = None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    data = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


@dataclass
class FakeServer:
    """A real HTTP server on the loopback; each POST is answered by the next step, the last one for ever."""

    steps: list[Callable[[BaseHTTPRequestHandler], None]]
    models: list[str] = field(default_factory=lambda: ["phi4"])
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


def send(status: int, body: Any, headers: dict[str, str] | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def step(handler: BaseHTTPRequestHandler) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json" if isinstance(body, dict) else "text/plain")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return step


def stream(*chunks: bytes, pause: float = 0.0) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send chunks and close the connection, as HTTP/1.0 does."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(chunk)
            handler.wfile.flush()
            threading.Event().wait(pause)

    return step


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def patient(left: list[float]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Say nothing, as a model that reads a long prompt, and note when whoever asked hangs up."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(20)
        with suppress(OSError):
            if not handler.connection.recv(1):
                left.append(time.monotonic())
        handler.close_connection = True

    return step


def silence(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: (threading.Event().wait(seconds), None)[1]


@contextmanager
def serving(*steps: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[FakeServer]:
    fake = FakeServer(list(steps))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            send(200, {"data": [{"id": model} for model in fake.models]})(self)

        def do_POST(self) -> None:
            fake.paths.append(self.path)
            fake.headers.append(dict(self.headers))
            fake.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            step = fake.steps.pop(0) if len(fake.steps) > 1 else fake.steps[0]
            step(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
