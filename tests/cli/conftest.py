"""The command as people run it, on a home of its own, with a small real model server.

It runs in this process: a start takes a second, and many of them minutes. What only a process has (signals, files that
are its own, modules that are not loaded yet) is tested with one.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from emmaus.cli.main import run
from emmaus.store import open_store
from emmaus.types import ConsentEvent, Scope
from parts import STOICS

ANSWER = "I was afraid in Gath. I trusted and went on. [Psalm 56:3] Go home and eat, and ask me again."
COMMAND = str(Path(sys.executable).parent / "emmaus")


class Handler(BaseHTTPRequestHandler):
    """Answers every chat alike; the question may ask it to be SLOW, or to get LOST in the middle.

    Its vectors are those of a broken model.
    """

    def do_GET(self) -> None:
        self._send(json.dumps({"data": [{"id": "phi4"}]}).encode(), "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            broken = [{"index": at, "embedding": [float("nan")] * 8} for at in range(len(body["input"]))]
            self._send(json.dumps({"data": broken}).encode(), "application/json")
            return
        question = body["messages"][-1]["content"]
        if not body.get("stream"):
            if "SLOW" in question or self.server.slow:
                threading.Event().wait(1)
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": f"{question.splitlines()[-1]} {ANSWER}"},
                "finish_reason": "stop",
            }
            self._send(
                json.dumps({"choices": [choice], "usage": {"completion_tokens": 20}}).encode(), "application/json"
            )
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for at, piece in enumerate(ANSWER.split(" ")):
                if "LOST" in question and at == 6:
                    return
                self._event({"content": piece + " "}, None)
                threading.Event().wait(0.5 if "SLOW" in question else 0.0)
            self._event({}, "stop")
        except OSError:
            pass  # the person stopped the answer

    def _event(self, delta: dict[str, str], finish: str | None) -> None:
        data = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        self.wfile.write(b"data: " + json.dumps(data).encode() + b"\n\n")
        self.wfile.flush()

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    slow = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


def run_here(arguments: Sequence[str], stdin: str, environment: Mapping[str, str]) -> Ran:
    """Run the command to its end in this process, with its own three streams and this environment."""
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding, write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding, "backslashreplace", write_through=True)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape") as given,
        pytest.MonkeyPatch.context() as patched,
    ):
        given.write(stdin)
        given.seek(0)
        for name in os.environ.keys() - environment.keys():
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        patched.setattr(sys, "argv", ["emmaus", *arguments])
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patched.setattr(sys, name, stream)
        code = run()
    return Ran(code, *(stream.buffer.getvalue().decode(encoding) for stream in (out, err)))


@dataclass
class Emmaus:
    home: Path
    url: str
    command: str = COMMAND

    def environment(self, **more: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("EMMAUS_")}
        return clean | {"EMMAUS_HOME": str(self.home), "EMMAUS_MODEL_URL": self.url, "COLUMNS": "100"} | more

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run the command to its end."""
        ran = run_here(arguments, stdin, self.environment(**environment))
        assert "Traceback" not in ran.err + ran.out
        return ran

    def apart(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run the command to its end, in a process of its own."""
        run = subprocess.run(
            [COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment(**environment),
            timeout=300,
        )
        assert "Traceback" not in run.stderr + run.stdout
        return Ran(run.returncode, run.stdout, run.stderr)

    def agreed_to_other_words(self) -> None:
        """Make a home whose person allowed everything in an older version's words."""
        with open_store(self.home) as store:
            subject = store.once("subject", "somebody")
            store.add(ConsentEvent("older", subject, frozenset(Scope), "older words", 0.0))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the command, to be interrupted."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [COMMAND, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=self.environment()
        )


@pytest.fixture
def emmaus(tmp_path: Path, server: ModelServer, prepared: Path) -> Emmaus:
    home = tmp_path / "home"
    shutil.copytree(prepared, home / "cache", copy_function=os.link)
    return Emmaus(home, server.url)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Ran]:
    """Run the command on a home of the small pack, where no model is needed."""

    def ran(*arguments: str, stdin: str = "", **environment: str) -> Ran:
        return Emmaus(tmp_path / "home", "")(*arguments, stdin=stdin, EMMAUS_PACK=str(STOICS), **environment)

    return ran
