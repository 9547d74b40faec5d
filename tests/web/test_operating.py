"""For those who run it: health, readiness, numbers, a line for each request, spans, and many readers at once."""

import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Job, JobState, Scope
from emmaus.web.events import Answers
from emmaus.web.lines import Lines
from emmaus.web.watching import Watch
from parts import STOICS, WordVectors

SECRET = "quetzal"
ASKED = {"question": f"Is my {SECRET} mine?"}


@pytest.fixture
def home(open_small):
    return open_small("Nothing is yours, not even the bird.")


@pytest.fixture
def client(browse, home):
    return browse(home)


def numbers(client):
    lines = client.get("/metrics").text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))


def test_it_is_healthy_and_ready(client):
    for address in ("/healthz", "/readyz"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_what_is_missing_is_named(browse, tmp_path):
    settings = Settings(home=tmp_path / "home", pack=STOICS, model_url="http://127.0.0.1:9")
    with Emmaus(settings, embedder=WordVectors()) as home:
        client = browse(home)
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert list(answer.json()["missing"]) == ["model"]
        assert "no model server answers" in answer.json()["missing"]["model"]


def test_a_model_server_that_is_there_is_ready(browse, home, served, tmp_path):
    address = served(home)
    server = {"model_url": address, "model_name": "epictetus", "model_key": address.secret}
    settings = Settings(home=tmp_path / "other", pack=STOICS, **server)
    with Emmaus(settings, embedder=WordVectors()) as other:
        client = browse(other)
        assert client.get("/readyz").status_code == 200
        # And a gateway can stand behind another.
        assert client.post("/api/chat/epictetus", json=ASKED).json()["turn"]["text"].startswith("Nothing is yours")


def test_numbers_say_how_much_and_never_what(client, home):
    talk = client.post("/api/chat/epictetus", json=ASKED).json()
    client.post("/api/chat/epictetus/stream", json=ASKED)
    client.post("/api/chat/epictetus", json={"question": "I want to die"})
    client.get(f"/api/conversations/{SECRET}")
    client.get(f"/{SECRET}")
    client.request(SECRET.upper(), "/")
    home.consent([Scope.STORE])
    client.post("/api/rate", json={"talk": talk["talk"], "turn": talk["turn"]["id"], "value": -1})
    home.store.add(Job("j", "train", "epictetus", {}, JobState.PAUSED))
    found = numbers(client)
    chat = 'emmaus_requests_total{method="POST",route="/api/chat/{character}",status="200"}'
    assert float(found[chat]) == 2
    assert float(found['emmaus_requests_total{method="GET",route="none",status="404"}']) == 1
    assert float(found["emmaus_tokens_out_total"]) == 14
    assert float(found["emmaus_first_token_seconds_count"]) == 2
    assert float(found['emmaus_answers_total{end="stop"}']) == 3
    assert float(found['emmaus_ratings{value="-1"}']) == 1
    assert float(found['emmaus_jobs{state="paused"}']) == 1
    assert float(found["emmaus_open_streams"]) == 0
    assert float(found["emmaus_engine_restarts_total"]) == 0
    text = client.get("/metrics").text.lower()
    assert SECRET not in text
    assert home.parts.subject not in text


def test_a_line_for_each_request_says_nothing_of_what_was_said(tmp_path, browse, capfd):
    settings = Settings(home=tmp_path / "home", pack=STOICS, log="json")
    with Emmaus(settings, model=ScriptedModel(f"Your {SECRET}?"), embedder=WordVectors()) as home:
        client = browse(home)
        capfd.readouterr()
        ids = [
            client.post("/api/chat/epictetus", json=ASKED).headers["x-request-id"],
            client.get(f"/api/conversations?q={SECRET}").headers["x-request-id"],
            client.get(f"/static/../{SECRET}", headers={"X-Request-Id": SECRET}).headers["x-request-id"],
            client.get("/", headers={"Host": f"{SECRET}.example"}).headers["x-request-id"],
        ]
    written = capfd.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["request"] for line in lines] == ids
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/api/chat/{character}", 200),
        ("GET", "/api/conversations", 200),
        ("GET", "none", 404),
        ("GET", "none", 421),
    ]
    assert all(line["ms"] > 0 for line in lines)
    assert SECRET not in written


def test_what_broke_is_a_line_that_says_where_and_nothing_of_what_was_said():
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise ZeroDivisionError(SECRET) from error
    except ZeroDivisionError:
        record = logging.makeLogRecord({"msg": "job %s", "args": (SECRET,), "exc_info": sys.exc_info()})
    written = Lines().format(record)
    assert SECRET not in written
    line = json.loads(written)
    assert line["message"] == "job %s"
    assert [error["kind"] for error in line["errors"]] == ["builtins.ZeroDivisionError", "builtins.ValueError"]
    assert all(__file__ in error["where"][-1] for error in line["errors"])


def test_whatever_a_room_writes_to_its_log_is_a_line_of_json(tmp_path):
    with subprocess.Popen(
        [str(Path(sys.executable).parent / "emmaus"), "up", "--no-browser", "--no-jobs", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"EMMAUS_HOME": str(tmp_path), "EMMAUS_PACK": str(STOICS), "EMMAUS_LOG": "json"},
    ) as running:
        try:
            port = int(re.search(r":(\d+)/", running.stdout.readline())[1])
            httpx.get(f"http://localhost:{port}/healthz")
            with socket.create_connection(("localhost", port)) as line:
                line.sendall(f"{SECRET}\r\n\r\n".encode())
                assert b"400" in line.recv(1000)
        finally:
            running.terminate()
        written = running.communicate(timeout=60)[1]
    first, *others = map(json.loads, written.splitlines())
    assert first["route"] == "/healthz"
    assert ("uvicorn.error", "Invalid HTTP request received.") in [(one["logger"], one["message"]) for one in others]
    assert SECRET not in written


def test_otherwise_nothing_is_written_and_nothing_of_telemetry_is_loaded(client, capfd):
    client.get("/")
    assert capfd.readouterr().err == ""
    code = "import emmaus.web, sys; sys.exit('opentelemetry.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Receiver:
    """An OTLP receiver: keeps the spans that are sent to it."""

    def __init__(self):
        spans = self.spans = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                sent = self.rfile.read(int(self.headers["content-length"]))
                request = ExportTraceServiceRequest.FromString(sent)
                spans.extend(span for one in request.resource_spans for many in one.scope_spans for span in many.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def attributes(span):
    return {one.key: one.value for one in span.attributes}


def test_spans_tell_how_an_answer_came_about(open_small, browse, monkeypatch):
    with Receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address)
        home = open_small(f"Your {SECRET} is not yours.")
        client = browse(home)
        parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        client.post("/api/chat/epictetus/stream", json=ASKED, headers={"traceparent": parent})
        client.app.state.room.observer.tracing.close()
    named = {span.name: span for span in receiver.spans}
    assert {"POST /api/chat/{character}/stream", "chat scripted", "retrieval emmaus"} <= set(named)
    request, chat, found = (
        named[name] for name in ("POST /api/chat/{character}/stream", "chat scripted", "retrieval emmaus")
    )
    assert request.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert {chat.parent_span_id, found.parent_span_id} == {request.span_id}
    assert request.start_time_unix_nano <= found.start_time_unix_nano <= found.end_time_unix_nano
    assert found.end_time_unix_nano <= chat.start_time_unix_nano <= chat.end_time_unix_nano
    told = attributes(chat)
    assert told["gen_ai.request.model"].string_value == "scripted"
    assert told["gen_ai.usage.output_tokens"].int_value == 5
    assert told["gen_ai.usage.input_tokens"].int_value > 5
    assert attributes(request)["http.response.status_code"].int_value == 200
    assert SECRET not in str(receiver.spans)


def test_two_hundred_readers_at_once_shut_nobody_out(open_small, served):
    home = open_small("One word and then another and a last.", delay=0.1)
    home.consent([Scope.STORE])
    address = served(home)
    key = address.key
    rated = httpx.post(f"{address}/api/chat/epictetus", json={"question": "Who?"}, headers=key, timeout=30).json()
    slowest = []

    async def reader(client):
        body = {"model": "epictetus", "messages": [{"role": "user", "content": "What is mine?"}], "stream": True}
        async with client.stream("POST", f"{address}/v1/chat/completions", json=body) as answer:
            assert answer.status_code == 200
            lines = [line async for line in answer.aiter_lines()]
        assert '"finish_reason": "stop"' in "".join(lines)
        assert "data: [DONE]" in lines

    async def rater(client):
        for number in range(20):
            began = time.monotonic()
            said = {"talk": rated["talk"], "turn": rated["turn"]["id"], "value": 1 - 2 * (number % 2)}
            assert (await client.post(f"{address}/api/rate", json=said)).status_code == 200
            slowest.append(time.monotonic() - began)
            await anyio.sleep(0.1)

    async def everybody():
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(timeout=60, limits=limits, headers=key) as client,
            anyio.create_task_group() as all_of_them,
        ):
            for _ in range(200):
                all_of_them.start_soon(reader, client)
            all_of_them.start_soon(rater, client)

    began = time.monotonic()
    with ThreadPoolExecutor(1) as apart:  # a browser of another test may keep a loop in this thread
        apart.submit(anyio.run, everybody).result()
    assert time.monotonic() - began < 60
    # They were answered while the readers read, not after them.
    assert len(slowest) == 20
    assert len(home.parts.model.calls) == 201


def test_too_many_answers_at_once_are_told_to_wait(open_small, browse):
    home = open_small("Yes.")
    client = browse(home)
    client.app.state.room.answers.open = 256
    for address in ("/api/chat/epictetus", "/api/chat/epictetus/stream"):
        answer = client.post(address, json={"question": "Who?"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "try again soon" in answer.json()["detail"]
        helped = client.post(address, json={"question": "I want to die"})
        assert (helped.status_code, "988" in helped.text) == (200, True)


def test_who_is_answered_in_a_thread_does_not_wait_for_forty_others():
    begun = threading.Barrier(61, timeout=30)

    async def sixty():
        answers = Answers()
        async with anyio.create_task_group() as group:
            for _ in range(60):
                group.start_soon(answers.run, Watch(), begun.wait)
            await anyio.to_thread.run_sync(begun.wait)
            await anyio.to_thread.run_sync(time.monotonic)
        assert answers.open == 0

    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, sixty).result(60)
