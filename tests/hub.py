"""A small real file server, as hubs are: ranges, marks, a redirect to where the file lies; and all that goes wrong."""

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gguf
import numpy as np

PIECE = 1 << 16


def write_gguf(path, *, kind="model", template="{{ x }}", size=64):
    """A tiny model file that is whole."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("general.type", kind)
    writer.add_name("Tiny")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(2048)
    writer.add_token_list(["a", "bc", "\u00e9"])
    writer.add_token_scores([0.0, 1.0, 2.0])
    if template:
        writer.add_chat_template(template)
    writer.add_tensor("token_embd.weight", np.zeros((size, 32), dtype=np.float32))
    writer.add_tensor("output.weight", np.zeros((size, 32), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@dataclass
class Hub:
    """What it serves and how; a test changes it on the way."""

    content: bytes
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    linked: str = ""
    """SHA-256 that it names for the file, on the way to where it lies."""
    status: int = 0
    """Answers everything with this error; 0 with the file."""
    dies_after: list[int] = field(default_factory=list)
    """Bytes of each answer after which the connection breaks; whole answers when it is used up."""
    promised: int = 0
    """Bytes more than it has, that it says it will send."""
    length: bool = True
    encoding: str = ""
    """How it says that the bytes are packed, which they are not."""
    pause: float = 0.0
    asked: list[str | None] = field(default_factory=list)
    """The Range of each request."""
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    @property
    def hub(self):
        return self.server.hub

    def do_GET(self):
        if self.path.startswith("/owner/repo/resolve/main/"):
            linked = {"X-Linked-Etag": f'"{self.hub.linked}"'} if self.hub.linked else {}
            return self._head(
                302, {"Location": "/lies/" + self.path.rpartition("/")[2], "Content-Length": "0", **linked}
            )
        self.hub.asked.append(self.headers.get("Range"))
        if self.hub.status:
            return self._head(self.hub.status, {"Content-Length": "0"})
        start, size = self._start(), len(self.hub.content) + self.hub.promised
        if start > len(self.hub.content):
            return self._head(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"})
        told = {"ETag": self.hub.etag, "Last-Modified": self.hub.modified}
        told["Content-Range"] = f"bytes {start}-{size - 1}/{size}" if start else ""
        told["Content-Length"] = str(size - start) if self.hub.length else ""
        told["Content-Encoding"] = self.hub.encoding
        self._head(206 if start else 200, told)
        return self._body(self.hub.content[start:])

    def _start(self):
        """Where the answer begins: where it was asked to, if the caller has the beginning of this very file."""
        wanted, mark = self.headers.get("Range"), self.headers.get("If-Range")
        same = mark is None or mark in (self.hub.etag, self.hub.modified)
        return int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if self.hub.ranges and wanted and same else 0

    def _head(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def _body(self, body):
        end = self.hub.dies_after.pop(0) if self.hub.dies_after else len(body)
        for at in range(0, end, PIECE):
            self.wfile.write(body[at : min(end, at + PIECE)])
            threading.Event().wait(self.hub.pause)
        self.close_connection = True

    def log_message(self, *_):
        pass


class HubServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # whoever downloads may leave


@contextmanager
def serving_files(content, **options):
    with HubServer(("127.0.0.1", 0), Handler) as server:
        server.hub = Hub(content, url=f"http://127.0.0.1:{server.server_port}", **options)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.hub
        server.shutdown()
        thread.join()
