"""The gateway: the clients that people have talk to a character, and what is said is checked, counted and not kept."""

import json
import os
import subprocess
import sys
import time

import httpx
import openai
import pytest
from said import HOST

from emmaus.accounts import keys
from emmaus.accounts.person import at_this_computer
from emmaus.models.protocols import Sampling
from emmaus.types import Conversation, Rating, Scope, Source
from emmaus.web.completions import MOST_TOKENS

PATH = "/v1/chat/completions"
SAYS = "Some things are up to us. [Handbook 1:1] Hold on to these, and let the rest go."


def body(*said, model="epictetus", **more):
    roles = ("user", "assistant")
    return {
        "model": model,
        "messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)],
        **more,
    }


def chunks(answer):
    blocks = [block for block in answer.text.split("\n\n") if block.startswith("data: ")]
    assert blocks[-1] == "data: [DONE]"
    return [json.loads(block.removeprefix("data: ")) for block in blocks[:-1]]


@pytest.fixture
def home(open_small):
    return open_small(SAYS)


@pytest.fixture
def official(home, served):
    address = served(home)
    with openai.OpenAI(base_url=address + "/v1", api_key=address.secret, max_retries=0) as client:
        yield client


def test_the_official_client_lists_the_characters_and_asks_one(official, home):
    assert [model.id for model in official.models.list()] == [character.slug for character in home.characters()]
    assert official.models.retrieve("epictetus").object == "model"
    answer = official.chat.completions.create(**body("What is mine?"))
    text = answer.choices[0].message.content
    words = home.parts.corpus.get("Handbook 1:1").text
    assert text == SAYS.replace("[Handbook 1:1]", f"\u201c{words}\u201d (Handbook 1:1)")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == len(SAYS.split())
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert {"Handbook 1:1"} == {stand["reference"] for stand in answer.emmaus["stands_on"] if stand["pointed"]}


def test_the_official_client_streams_the_same_words(official):
    whole = official.chat.completions.create(**body("What is mine?")).choices[0].message.content
    coming = list(
        official.chat.completions.create(**body("What is mine?"), stream=True, stream_options={"include_usage": True})
    )
    *pieces, last, counts = coming
    assert pieces[0].choices[0].delta.role == "assistant"
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == whole
    assert last.choices[0].finish_reason == "stop"
    assert last.emmaus["turn"]
    assert counts.choices == []
    assert counts.usage.completion_tokens == len(SAYS.split())
    assert len({chunk.id for chunk in coming}) == 1


def test_the_official_client_is_told_what_is_wrong(official):
    with pytest.raises(openai.NotFoundError, match="no character 'zeus'") as missing:
        official.chat.completions.create(**body("Who?", model="zeus"))
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError, match="tools") as refused:
        official.chat.completions.create(**body("Who?"), tools=[{"type": "function", "function": {"name": "f"}}])
    assert (refused.value.param, refused.value.type) == ("tools", "invalid_request_error")


def test_llm_talks_to_a_character(home, served, tmp_path):
    folder = tmp_path / "llm"
    folder.mkdir()
    address = served(home)
    (folder / "extra-openai-models.yaml").write_text(
        f"- model_id: epictetus\n  model_name: epictetus\n  api_base: {address}/v1\n  api_key_name: emmaus\n",
        encoding="utf-8",
    )
    (folder / "keys.json").write_text(json.dumps({"emmaus": address.secret}), encoding="utf-8")
    environment = {**os.environ, "LLM_USER_PATH": str(folder), "LLM_LOAD_PLUGINS": ""}

    def llm(*arguments):
        command = [sys.executable, "-m", "llm", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert "(Handbook 1:1)" in llm("prompt", "-m", "epictetus", "-s", "You are a pirate.", "What is mine?")
    assert "(Handbook 1:1)" in llm("prompt", "-m", "epictetus", "--no-stream", "-c", "And what is not?")
    asked = [message.content for message in home.parts.model.calls[-1].messages]
    assert any("What is mine?" in content for content in asked)
    assert not any("pirate" in content for content in asked)
    assert home.store.count(Conversation, source=Source.PERSON) == 0


@pytest.fixture
def program(home, browse):
    """A client that is no browser."""
    client = browse(home)
    client.cookies.clear()
    text, _ = keys.add(home.store, at_this_computer(home.parts.subject), "test", keys.ALL, clock=home.clock)
    client.headers["Authorization"] = f"Bearer {text}"
    for name in ("origin", "sec-fetch-site"):
        del client.headers[name]
    return client


def test_a_talk_goes_on_as_it_was_held(program, home):
    first = program.post(PATH, json=body("What is mine?")).json()["choices"][0]["message"]["content"]
    program.post(PATH, json=body("What is mine?", first, "And what is not?"))
    one, two = (call.messages for call in home.parts.model.calls)
    assert two[: len(one)] == one  # to the letter, so that a server need not read it again
    assert two[len(one)].content == SAYS


def test_a_talk_that_is_not_remembered_is_read_from_its_words(program, home):
    verse = home.parts.corpus.get("Handbook 1:1").text
    told = f"Thus: \u201c{verse}\u201d (Handbook 1:1) And: \u201cmine alone\u201d (Handbook 1:2)."
    program.post(PATH, json=body("What is mine?", told, "And what is not?"))
    said = [message.content for message in home.parts.model.calls[-1].messages if message.role == "assistant"]
    assert said == ["Thus: [Handbook 1:1] And: \u201cmine alone\u201d (Handbook 1:2)."]


def test_what_was_forgotten_is_remembered_by_nobody(program, home):
    question = "Is a jar that breaks mine, if I love it?"
    first = program.post(PATH, json=body(question)).json()["choices"][0]["message"]["content"]
    assert program.request("DELETE", "/api/data", headers={"Content-Type": "application/json"}).status_code == 200
    program.post(PATH, json=body(question, first, "And what is not?"))
    one, two = (call.messages for call in home.parts.model.calls)
    assert one[1].content.startswith("[Handbook ")
    assert two[1].content == question  # without the passages that went with it


def test_messages_of_any_shape_that_clients_send_make_a_talk(program, home):
    sent = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "assistant", "content": "Welcome!"},
        {"role": "user", "content": [{"type": "text", "text": "My name is Ada."}]},
        {"role": "user", "content": "I am afraid."},
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": "Of what?"},
        {"role": "developer", "content": "Speak of parrots."},
        {"role": "user", "content": "Of the sea."},
    ]
    assert program.post(PATH, json={"model": "epictetus", "messages": sent}).status_code == 200
    roles = [message.role for message in home.parts.model.calls[-1].messages]
    asked = [message.content for message in home.parts.model.calls[-1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert asked[1].endswith("My name is Ada.\n\nI am afraid.")
    assert asked[2] == "Of what?"
    assert not any(word in text for text in asked for word in ("pirate", "parrots", "Welcome"))


def test_what_says_how_to_draw_is_passed_on(program, home):
    program.post(
        PATH,
        json=body("Who?", temperature=0, top_p=0.5, max_completion_tokens=3, max_tokens=9, seed=2**40 + 7, stop="go."),
    )
    program.post(PATH, json=body("Who?", max_tokens=10**6, stop=["a", ""]))
    program.post(PATH, json=body("Who?"))
    drawn = [call.sampling for call in home.parts.model.calls]
    assert drawn[0] == Sampling(temperature=0, top_p=0.5, max_tokens=3, seed=7, stop=("go.",))
    assert (drawn[1].max_tokens, drawn[1].stop) == (MOST_TOKENS, ("a",))
    assert drawn[2] == Sampling()


def test_an_answer_that_is_cut_says_so(program):
    cut = program.post(PATH, json=body("Who?", max_tokens=3)).json()
    assert (cut["choices"][0]["finish_reason"], cut["usage"]["completion_tokens"]) == ("length", 3)
    assert chunks(program.post(PATH, json=body("Who?", max_tokens=3, stream=True)))[-1]["choices"][0][
        "finish_reason"
    ] == ("length")


@pytest.mark.parametrize(
    ("wrong", "param", "words"),
    [
        ({"n": 2}, "n", "one answer"),
        ({"logprobs": True}, "logprobs", "no probabilities"),
        ({"frequency_penalty": 0.5}, "frequency_penalty", "send 0"),
        ({"response_format": {"type": "json_object"}}, "response_format", "in words"),
        ({"modalities": ["text", "audio"]}, "modalities", "only write"),
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": [{"role": "system", "content": "Be brief."}]}, "messages", "end with no question"),
        ({"messages": [{"role": "assistant", "content": "I am"}]}, "messages", "end with no question"),
        ({"messages": [{"role": "user", "content": "  "}]}, "messages", "end with no question"),
        ({"messages": [{"role": "tool", "content": "7"}]}, "messages[0].role", "no tools"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages[0].content",
            "only text, not 'image_url'",
        ),
        ({"temperature": 3}, "temperature", "less than or equal to 2"),
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"temperature": "hot"}, "temperature", "valid number"),
    ],
)
def test_what_cannot_be_done_is_refused_as_openai_does(program, home, wrong, param, words):
    answer = program.post(PATH, json=body("Who?") | wrong)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert words in error["message"]
    assert error["code"]
    assert home.parts.model.calls == []


def test_other_mistakes_have_the_same_shape(program):
    def sent(content, **headers):
        return program.post(PATH, content=content, headers={"Content-Type": "application/json", **headers})

    for answer, status in (
        (sent(b'{"model": '), 400),
        (sent(b"x" * (1024 * 1024 + 1)), 413),
        (sent(json.dumps(body("a" * 6001))), 400),
        (sent(json.dumps(body("Who?")), Authorization="Bearer emm_none"), 401),
        (program.get(PATH), 405),
        (program.get("/v1/nowhere"), 404),
        (program.get("/v1/models/zeus"), 404),
        (sent(json.dumps(body("Who?")), Host="evil.example"), 421),
    ):
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert sent(json.dumps(body("And \ud800 then?"))).status_code == 200


def test_a_long_history_is_taken_and_the_oldest_of_it_left_out(open_small, browse):
    home = open_small(SAYS, context=900)
    said = [text for number in range(120) for text in (f"What of number {number}?", "It is not mine. " * 30)]
    answer = browse(home).post(PATH, json=body(*said, "And now?"))
    assert answer.status_code == 200
    asked = [m.content for m in home.parts.model.calls[-1].messages]
    assert "number 119" in asked[-3]
    assert 3 < len(asked) < 40
    assert answer.json()["usage"]["prompt_tokens"] == sum(len(text.split()) for text in asked)


def test_care_and_counsel_come_before_any_model(program, home):
    for question, words in (("I want to kill myself", "988"), ("Should I refuse chemotherapy?", "a doctor")):
        answer = program.post(PATH, json=body(question)).json()
        assert words in answer["choices"][0]["message"]["content"]
        assert answer["emmaus"]["care"]
        *pieces, last = chunks(program.post(PATH, json=body(question, stream=True)))
        assert words in "".join(piece["choices"][0]["delta"]["content"] for piece in pieces)
        assert last["emmaus"]["care"]
    assert home.parts.model.calls == []


def test_a_false_quotation_is_set_right(open_small, browse):
    client = browse(open_small('I say: "Some things are really up to us and some are not." (Handbook 1:1) So it is.'))
    answer = client.post(PATH, json=body("What is mine?")).json()
    assert "really" not in answer["choices"][0]["message"]["content"]
    assert answer["emmaus"]["findings"]
    pieces = chunks(client.post(PATH, json=body("What is mine?", stream=True)))
    told = "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces)
    assert told == answer["choices"][0]["message"]["content"]


def test_nothing_is_kept_unless_it_is_asked_for_and_allowed(program, home):
    def asked(*said, **more):
        return program.post(PATH, json=body(*said, **more)).json()

    assert not asked("Who?", store=True)["emmaus"]["kept"]
    home.consent([Scope.STORE])
    assert not asked("Who?")["emmaus"]["kept"]
    assert home.store.count(Conversation, source=Source.PERSON) == 0
    first = asked("What is mine?", store=True)
    second = asked("What is mine?", first["choices"][0]["message"]["content"], "And what is not?", store=True)
    assert first["emmaus"]["conversation"] == second["emmaus"]["conversation"]
    invented = asked("What is mine?", "Everything!", "Really?", store=True)
    assert invented["emmaus"]["conversation"] != first["emmaus"]["conversation"]
    kept = [[turn.question for turn in c.turns] for c in home.store.find(Conversation, source=Source.PERSON)]
    assert kept == [["What is mine?", "And what is not?"], ["Really?"]]
    rated = program.post("/api/feedback", json={"turn": second["emmaus"]["turn"], "value": 1})
    assert rated.status_code == 200
    assert home.store.count(Rating, value=1) == 1


def test_a_model_that_fails_is_told_by_its_status_and_later_in_the_stream(open_small, browse):
    client = browse(open_small([SAYS]))
    client.post(PATH, json=body("Who?"))
    for stream in (False, True):
        answer = client.post(PATH, json=body("Who?", stream=stream))
        assert answer.status_code == 503
        assert answer.json()["error"]["type"] == "server_error"
        assert "no answer left" in answer.json()["error"]["message"]


def test_what_breaks_in_the_middle_is_told_there(open_small, served):
    left = iter(range(6))

    def sleep(seconds):
        if next(left, None) is None:
            raise RuntimeError("/secret/path")

    address = served(open_small("It is not mine at all, I say so. " * 9, delay=1, sleep=sleep))
    with openai.OpenAI(base_url=address + "/v1", api_key=address.secret, max_retries=0) as client:
        coming = client.chat.completions.create(**body("Who?"), stream=True)
        with pytest.raises(openai.APIError, match="something broke inside Emmaus"):
            list(coming)


@pytest.mark.parametrize("stream", [False, True])
def test_generation_stops_when_who_asked_is_gone(open_small, served, stream):
    pieces = []

    def sleep(seconds):
        pieces.append(time.monotonic())
        time.sleep(seconds)

    # An open quotation: its words are held back, and nothing can be sent that would tell that nobody listens.
    address = served(open_small('He said: "' + "word " * 150, delay=0.05, sleep=sleep))
    key, patience = address.key, httpx.Timeout(5, read=1.5)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(address + PATH, json=body("Tell me all.", stream=stream), headers=key, timeout=patience)
    left = time.monotonic()
    time.sleep(3)
    assert pieces
    assert pieces[-1] - left < 2
    assert len(pieces) < 100


def test_a_model_that_is_slow_to_begin_keeps_the_line_alive(open_small, served):
    address = served(open_small("Slowly.", delay=6))
    began = time.monotonic()
    with httpx.stream(
        "POST", address + PATH, json=body("Who?", stream=True), headers=address.key, timeout=30
    ) as answer:
        assert answer.status_code == 200
        lines = [line for line in answer.iter_lines() if line]
    assert time.monotonic() - began > 5
    assert lines[0].startswith(":")
    assert lines[-1] == "data: [DONE]"


def test_the_gateway_is_described(program):
    paths = program.get(f"{HOST}/api/openapi.json").json()["paths"]
    assert {"/v1/models", "/v1/models/{model}", PATH} <= set(paths)
    answers = paths[PATH]["post"]["responses"]
    assert "text/event-stream" in answers["200"]["content"]
    assert answers["503"]["content"]["application/json"]["schema"]["$ref"].endswith("OpenAIError")
