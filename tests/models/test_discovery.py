"""Servers are told by what they answer, whatever port they listen at; whatever else listens there is none."""

import socket
import time

import pytest

from emmaus.models.discovery import USUAL, Model, discover, probe, usual
from emmaus.web import serving
from programs import PHI4, llama_server, lm_studio, lm_studio_before, ollama, running, vllm


def test_ollama_tells_size_context_parameters_and_kind():
    with running(ollama()) as program:
        found = probe(program.url)
    assert (found.kind, found.version, found.url) == ("Ollama", "0.12.11", program.url)
    phi4, small, embedder = found.models
    assert phi4 == Model("phi4:latest", "chat", PHI4, 16384, 14_659_507_200, "Q4_K_M")
    assert (small.kind, embedder.kind, embedder.context) == ("chat", "embedding", 2048)


def test_an_older_ollama_without_capabilities_tells_embedders_by_their_family():
    answers = ollama({"all-minilm": (1, 1, True), "phi4": (1, 1, False)})
    answers["/api/show"] = {"model_info": {}}
    answers["/api/tags"]["models"][0]["details"] = {"family": "bert", "parameter_size": "23M"}
    with running(answers) as program:
        embedder, chats = probe(program.url).models
    assert (embedder.kind, embedder.parameters, chats.kind) == ("embedding", 23_000_000, "chat")


def test_a_model_of_which_ollama_tells_nothing_is_listed_still():
    answers = ollama()
    show = answers["/api/show"]

    def slow(body):
        if body["model"] == "phi4:latest":
            time.sleep(1)
        return show(body)

    with running(answers | {"/api/show": slow}) as program:
        found = probe(program.url, timeout=0.3)
    phi4, small, _ = found.models
    assert phi4 == Model("phi4:latest", "chat", PHI4, None, 14_700_000_000, "Q4_K_M")
    assert small.context == 16384


def test_lm_studio_is_read_by_its_newer_api_and_by_the_one_before():
    with running(lm_studio()) as program:
        chats, embeds = probe(program.url).models
    assert chats == Model("gemma-3-270m-it-qat", "chat", 241410208, 4096, 270_000_000, "Q4_0")
    assert (embeds.kind, embeds.context, embeds.parameters) == ("embedding", 2048, None)
    with running(lm_studio_before()) as program:
        found = probe(program.url)
    assert found.kind == "LM Studio"
    assert [(model.kind, model.context, model.quantisation) for model in found.models] == [
        ("chat", 131072, "Q4_K_M"),
        ("embedding", 2048, ""),
    ]


def test_llama_server_holds_what_it_was_started_with():
    with running(llama_server()) as program:
        found = probe(program.url)
    assert (found.kind, found.version) == ("llama-server", "b6800-abc")
    assert found.models == (Model("Llama-3.1-8B.gguf", "chat", 4912898304, 8192, 8030261248),)


def test_vllm_tells_its_context():
    with running(vllm()) as program:
        found = probe(program.url)
    assert (found.kind, found.version) == ("vLLM", "0.11.0")
    assert [(model.name, model.kind, model.context) for model in found.models] == [
        ("microsoft/phi-4", "chat", 16384),
        ("BAAI/bge-m3", "embedding", None),
    ]


def test_a_server_that_asks_for_a_key_is_found_and_says_so():
    with running(llama_server(), key="secret") as program:
        found = probe(program.url)
        assert found.models == ()
        assert "asks for an API key" in found.fault
        assert probe(program.url, "secret").models


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"*": "<html>"},
        {"*": []},
        {"/api/version": {"version": 3}},
        {"/v1/models": {"object": "list", "data": [{"id": "david", "owned_by": "emmaus"}]}},
        {"/version": {"version": "1"}, "/v1/models": {"data": [{"id": "other"}]}},
        {"/props": {"default_generation_settings": None}},
    ],
)
def test_another_program_is_no_model_server(answers):
    with running(answers) as program:
        assert probe(program.url) is None


def test_another_emmaus_is_no_model_server(open_small):
    with serving(open_small()) as (url, _):
        assert probe(url) is None
        assert discover([url]) == ()


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"models": 3}, {"models": [None, {"name": 5}, {}]}])
def test_odd_answers_are_models_left_out(odd):
    with running({"/api/version": {"version": "9"}, "/api/tags": odd}) as program:
        found = probe(program.url)
    assert (found.kind, found.models) == ("Ollama", ())


def test_all_are_asked_at_once_and_one_that_is_silent_holds_up_nobody():
    with socket.create_server(("127.0.0.1", 0)) as mute, running(ollama()) as one, running(vllm()) as other:
        silent = [f"http://127.0.0.1:{mute.getsockname()[1]}"] * 4
        begun = time.monotonic()
        found = discover([*silent, one.url, "http://127.0.0.1:9", other.url])
        assert time.monotonic() - begun < 5
    assert [server.kind for server in found] == ["Ollama", "vLLM"]


def test_ones_own_port_is_not_asked():
    with running(ollama()) as program:
        assert discover([program.url], without={program.port}) == ()
        assert program.asked == []


def test_a_proxy_does_not_come_between(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with running(ollama()) as program:
        assert probe(program.url) is not None
        assert probe(program.url.replace("127.0.0.1", "localhost")) is not None


@pytest.mark.parametrize(
    ("named", "first"),
    [
        ("127.0.0.1:11500", "http://127.0.0.1:11500"),
        ("http://localhost:11501/", "http://127.0.0.1:11501"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":11502", "http://127.0.0.1:11502"),
        ("[::1]:11503", "http://[::1]:11503"),
        ("gpu.example.org:11434", "http://127.0.0.1:11434"),
        ("127.0.0.1:none", "http://127.0.0.1:11434"),
        ("", "http://127.0.0.1:11434"),
    ],
)
def test_ollama_host_counts_where_it_is_this_computer(named, first):
    found = usual({"OLLAMA_HOST": named})
    assert found[0] == first
    assert {f"http://127.0.0.1:{port}" for port in USUAL} <= set(found)
    assert not any("example" in url for url in found)


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://a:b@127.0.0.1:1", "http://127.0.0.1:0"])
def test_what_is_no_address_is_no_server(url):
    assert probe(url) is None
