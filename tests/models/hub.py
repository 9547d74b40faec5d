"""A small real file server, as hubs are: ranges, marks, a redirect to where the file lies; and all that goes wrong."""

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """What it serves and how; a test changes it on the way."""

    content: bytes
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    linked: str = ""
    status: int = 0
    dies_after: list[int] = field(default_factory=list)
    """Bytes of each answer after which the connection breaks; whole answers when it is used up."""
    promised: int = 0
    """Bytes more than it has, that it says it will send."""
    length: bool = True
    pause: float = 0.0
    asked: list[str | None] = field(default_factory=list)
    """The Range of each request."""
    url: str = ""


@contextmanager
def serving_files(content, **options):
    hub = Hub(content, **options)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/owner/repo/resolve/main/"):
                self.send_response(302)
                self.send_header("Location", "/lies/" + self.path.rpartition("/")[2])
                if hub.linked:
                    self.send_header("X-Linked-Etag", f'"{hub.linked}"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            wanted = self.headers.get("Range")
            hub.asked.append(wanted)
            if hub.status:
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = self._start(wanted)
            if start > len(hub.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(hub.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._head(start)
            self._body(hub.content[start:])

        def _start(self, wanted):
            mark = self.headers.get("If-Range")
            if not (hub.ranges and wanted) or (mark and mark not in (hub.etag, hub.modified)):
                return 0
            return int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])

        def _head(self, start):
            size = len(hub.content) + hub.promised
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            if hub.etag:
                self.send_header("ETag", hub.etag)
            if hub.modified:
                self.send_header("Last-Modified", hub.modified)
            if hub.length:
                self.send_header("Content-Length", str(size - start))
            self.end_headers()

        def _body(self, body):
            end = hub.dies_after.pop(0) if hub.dies_after else len(body)
            for at in range(0, end, 1 << 16):
                self.wfile.write(body[at : min(end, at + (1 << 16))])
                threading.Event().wait(hub.pause)
            self.close_connection = True

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    with Quiet(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield hub
        server.shutdown()
        thread.join()
