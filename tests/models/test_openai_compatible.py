import socket
import threading
import time

import pytest
from servers import FakeServer, completion, event, hang_up, patient, send, serving, silence, stream

from emmaus.errors import BadInput, Cancelled, ContextOverflow, ModelError
from emmaus.models.client import OpenAICompatible, base_url
from emmaus.models.protocols import Sampling, TokenLogprob
from emmaus.models.stopping import Stop
from emmaus.types import Message
from parts import until

HELLO = [Message("user", "Peace be with you.")]
DONE = b"data: [DONE]\n\n"


def client(fake: FakeServer, waits: list[float] | None = None, timeout: float = 10.0) -> OpenAICompatible:
    sleep = (lambda _: None) if waits is None else waits.append
    return OpenAICompatible(fake.url, "phi4", "secret", timeout, sleep=sleep, jitter=lambda: 1.0)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("localhost:8000", "http://localhost:8000/v1"),
        ("https://host/openai/v1/chat/completions", "https://host/openai/v1"),
    ],
)
def test_the_base_url_may_be_given_with_or_without_v1(given: str, base: str) -> None:
    assert base_url(given) == base


@pytest.mark.parametrize(
    "url",
    ["http://localhost:abc", "http://localhost:99999", "http://[::1", "ftp://localhost", "http://a..b", "", "x\0y"],
)
def test_what_is_no_address_is_refused_with_its_setting(url: str) -> None:
    with pytest.raises(BadInput, match=r"EMMAUS_MODEL_URL: '.*' is no address of a model server \(.*localhost:11434"):
        OpenAICompatible(url, "phi4")


@pytest.mark.parametrize("key", ["schlüssel", "", "two words", "line\n"])
def test_what_is_no_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(BadInput, match=r"EMMAUS_TEACHER_KEY is empty or holds a blank") as caught:
        OpenAICompatible("localhost:1", "phi4", key, setting="EMMAUS_TEACHER")
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (send(401, {"error": {"message": "no"}}), "set EMMAUS_TEACHER_KEY"),
        (send(404, {"error": {"message": "model not found"}}), "set EMMAUS_TEACHER_NAME"),
        (send(404, b"404"), "EMMAUS_TEACHER_URL is no"),
    ],
)
def test_errors_name_the_settings_of_this_server(trouble, named: str) -> None:
    with serving(trouble) as fake, OpenAICompatible(fake.url, "phi4", setting="EMMAUS_TEACHER") as model:
        with pytest.raises(ModelError, match=named) as caught:
            model.reply(HELLO)
        assert "EMMAUS_MODEL" not in str(caught.value)


def test_a_reply_carries_text_finish_counts_and_logprobs() -> None:
    answer = completion("Peace", usage={"prompt_tokens": 7, "completion_tokens": 1})
    answer["choices"][0]["logprobs"] = {
        "content": [{"token": "Peace", "logprob": -0.5, "top_logprobs": [{"token": "Grace", "logprob": -1.5}]}]
    }
    with serving(send(200, answer)) as fake, client(fake) as model:
        reply = model.reply(HELLO, Sampling(seed=3, stop=("\n",), top_logprobs=1))
    assert (reply.text, reply.finish, reply.prompt_tokens, reply.completion_tokens) == ("Peace", "stop", 7, 1)
    assert reply.logprobs == (TokenLogprob("Peace", -0.5, (("Grace", -1.5),)),)
    assert fake.paths == ["/v1/chat/completions"]
    assert fake.headers[0]["Authorization"] == "Bearer secret"
    sent = fake.bodies[0]
    assert sent["messages"] == [{"role": "user", "content": "Peace be with you."}]
    assert (sent["model"], sent["seed"], sent["stop"], sent["top_logprobs"]) == ("phi4", 3, ["\n"], 1)


def test_an_adapter_is_asked_for_as_a_model_of_its_own() -> None:
    with serving(send(200, completion())) as fake, client(fake) as model:
        model.reply(HELLO, adapter="david-3")
    assert fake.bodies[0]["model"] == "david-3"


def test_a_stream_yields_pieces_even_with_line_separators_inside() -> None:
    chunks = (
        b": ping\n\n",
        event(""),
        event("A\u2028b"),
        event("\x85c")[:20],
        event("\x85c")[20:],
        event(None, "stop"),
        DONE,
    )
    with serving(stream(*chunks)) as fake, client(fake) as model:
        assert list(model.stream(HELLO)) == ["A\u2028b", "\x85c"]
    assert fake.bodies[0]["stream"] is True


@pytest.mark.parametrize("trouble", [send(500, {"error": "busy"}), send(503, b"loading"), hang_up])
def test_server_errors_and_lost_connections_are_retried_with_growing_waits(trouble) -> None:
    waits: list[float] = []
    with serving(trouble, trouble, trouble, send(200, completion())) as fake, client(fake, waits) as model:
        assert model.reply(HELLO).text == "Peace."
    assert waits == [0.5, 1.0, 2.0]
    assert len(fake.bodies) == 4


def test_retry_after_is_honoured() -> None:
    waits: list[float] = []
    busy = send(429, {"error": {"message": "slow down"}}, {"Retry-After": "7"})
    with serving(busy, send(200, completion())) as fake, client(fake, waits) as model:
        model.reply(HELLO)
    assert waits == [7.0]


def test_retry_after_may_be_a_date() -> None:
    waits: list[float] = []
    past = send(429, {"error": {"message": "slow down"}}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    with serving(past, send(200, completion())) as fake, client(fake, waits) as model:
        model.reply(HELLO)
    assert waits == [0.0]


def test_retries_end() -> None:
    with serving(send(429, {"error": {"message": "quota"}})) as fake, client(fake) as model:
        with pytest.raises(ModelError, match=r"overloaded \(quota\)"):
            model.reply(HELLO)
        assert len(fake.bodies) == 5


def test_a_stream_is_retried_before_its_first_piece() -> None:
    whole = stream(event("Peace"), event(None, "stop"), DONE)
    with serving(stream(event("")), whole) as fake, client(fake) as model:
        assert list(model.stream(HELLO)) == ["Peace"]
    assert len(fake.bodies) == 2


@pytest.mark.parametrize("end", [b"", b'data: {"error": {"message": "out of memory"}}\n\n'])
def test_a_stream_is_never_retried_after_its_first_piece(end: bytes) -> None:
    pieces = []
    with serving(stream(event("Peace"), end)) as fake, client(fake) as model:
        with pytest.raises(ModelError, match="lost in the middle of an answer"):
            pieces.extend(piece for piece in model.stream(HELLO))
        assert len(fake.bodies) == 1


def test_closing_a_stream_hangs_up() -> None:
    with serving(stream(*[event("word ")] * 1000, pause=0.01)) as fake, client(fake) as model:
        pieces = model.stream(HELLO)
        assert next(pieces) == "word "
        begun = time.monotonic()
        pieces.close()
        assert time.monotonic() - begun < 2


def test_no_server_is_said_at_once_with_the_fix() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with OpenAICompatible(url, "phi4") as model, pytest.raises(ModelError, match=rf"{url}/v1: start .*ollama serve"):
        model.reply(HELLO)


@pytest.mark.parametrize(
    "message", ['model "phi4" not found, try pulling it first', "The model `phi4` does not exist."]
)
def test_a_missing_model_names_the_command_and_what_there_is(message: str) -> None:
    with serving(send(404, {"error": {"message": message}})) as fake, client(fake) as model:
        fake.models = ["llama3"]
        with pytest.raises(ModelError, match=r"offers llama3.*ollama pull phi4"):
            model.reply(HELLO)


def test_a_wrong_address_is_no_missing_model() -> None:
    with (
        serving(send(404, b"404 page not found")) as fake,
        client(fake) as model,
        pytest.raises(ModelError, match="no OpenAI-compatible server"),
    ):
        model.reply(HELLO)


def test_a_bad_key_names_the_setting() -> None:
    with (
        serving(send(401, {"error": {"message": "Invalid API Key"}})) as fake,
        client(fake) as model,
        pytest.raises(ModelError, match="EMMAUS_MODEL_KEY"),
    ):
        model.reply(HELLO)


def test_an_answer_is_stopped_while_the_model_still_reads_the_prompt() -> None:
    left: list[float] = []
    with serving(stream(event("Peace."), event(finish="stop")), patient(left)) as fake, client(fake) as model:
        assert "".join(model.stream(HELLO)) == "Peace."  # the next one may come on the same connection
        stop = Stop()
        threading.Timer(0.3, stop.ask).start()
        with pytest.raises(Cancelled, match="the answer was stopped: ask again"):
            next(model.stream(HELLO, stop=stop))
        asked = time.monotonic()
        until(lambda: left, 2)
        assert left[0] < asked + 2
        with pytest.raises(Cancelled):
            next(model.stream(HELLO, stop=stop))
        assert len(fake.bodies) == 2


def test_a_wait_for_an_overloaded_server_is_stopped() -> None:
    stop = Stop()
    with serving(send(429, {"error": {"message": "busy"}}, {"Retry-After": "30"})) as fake, client(fake) as model:
        threading.Timer(0.3, stop.ask).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            next(model.stream(HELLO, stop=stop))
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"}),
        (400, {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096}),
        (400, {"message": "This model's maximum context length is 4096 tokens. However, your messages resulted in "
               "9000 tokens.", "code": "context_length_exceeded"}),
        (400, {"message": "This model's maximum context length is 4096 tokens. However, you requested 9220 tokens "
               "(9000 in the messages, 220 in the completion)."}),
        (400, {"message": "You passed 9000 input tokens and requested 10 output tokens. However, the model's context "
               "length is only 4096 tokens, resulting in a maximum input length of 4086 tokens."}),
        (200, {"message": "Trying to keep the first 9000 tokens when context the overflows. However, the model is "
               "loaded with context length of only 4096 tokens"}),
    ],
)  # fmt: skip
def test_every_servers_overflow_is_one_error_with_both_numbers(status: int, error: dict[str, object]) -> None:
    with serving(send(status, {"error": error})) as fake, client(fake) as model:
        with pytest.raises(ContextOverflow, match=r"9,000 tokens and phi4 can hold 4,096.*shorten") as caught:
            model.reply(HELLO)
        with pytest.raises(ContextOverflow):
            list(model.stream(HELLO))
    assert (caught.value.tokens, caught.value.limit) == (9000, 4096)
    assert len(fake.bodies) == 2


def test_an_overflow_without_numbers_is_one_still() -> None:
    refusal = send(400, {"error": {"message": "too many words", "code": "context_length_exceeded"}})
    with serving(refusal) as fake, client(fake) as model, pytest.raises(ContextOverflow, match="longer than phi4"):
        model.reply(HELLO)


def test_a_silent_server_is_given_up_after_the_timeout() -> None:
    with (
        serving(silence(1.0)) as fake,
        client(fake, timeout=0.1) as model,
        pytest.raises(ModelError, match=r"silent for 0.1 seconds.*EMMAUS_TIMEOUT"),
    ):
        model.reply(HELLO)


ODD = [
    b"<html>",
    {"choices": []},
    {"object": "list"},
    completion(usage=7),
    completion(usage=["a"]),
    {"choices": [{"message": {"content": "Peace"}, "logprobs": {"content": [{"token": "Peace"}]}}]},
]


@pytest.mark.parametrize("body", ODD)
def test_what_is_no_completion_is_said_so(body: object) -> None:
    with serving(send(200, body)) as fake, client(fake) as model, pytest.raises(ModelError, match="is not"):
        model.reply(HELLO)


def test_what_cannot_be_unpacked_is_a_lost_connection() -> None:
    torn = send(200, b"no gzip at all", {"Content-Encoding": "gzip"})
    with serving(torn, torn, torn, torn) as fake, client(fake) as model, pytest.raises(ModelError):
        model.reply(HELLO)
