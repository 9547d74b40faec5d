"""The desk: counts that are true, evidence with its interval, and buttons that obey the gate."""

import hashlib
import socket

import pytest

from emmaus import jobs
from emmaus.errors import BadInput, EmmausError
from emmaus.serving import words
from emmaus.types import (
    Adapter,
    Conversation,
    Dataset,
    Decision,
    Deployment,
    Difference,
    Evaluation,
    Example,
    Message,
    Score,
    Source,
    Turn,
)
from emmaus.web.run import listening

GGUF = b"not a model, but a file"


@pytest.fixture
def turned(home):
    """Turn David's wheel by hand, up to an evaluation."""

    def turn_wheel(*, allowed):
        store = home.store
        for number in range(4):
            turn = Turn(f"turn-{number}", f"Question {number}?", f"Answer {number}.")
            source = Source.SYNTHETIC if number else Source.IMPORTED
            store.add(Conversation(f"conversation-{number}", "david", source, (turn,)))
        store.add(Score("score-1", "turn-1", "rubric", "checks", {"short": 1.0}, 0.8))
        store.add(Score("score-2", "turn-2", "rubric", "checks", {}, None, unscored="too short"))
        said = (Message("user", "Question 1?"), Message("assistant", "Answer 1."))
        example = Example("conversation-1", "david", said, 0.8, False, Source.SYNTHETIC, "train")
        dataset = store.add(Dataset("dataset-1", "david", "hash", (example,), {}, 0, ("conversation-1",)))
        folder = home.parts.path / "adapters" / "one"
        folder.mkdir(parents=True)
        (folder / "lora.gguf").write_bytes(GGUF)
        files = {"lora.gguf": hashlib.sha256(GGUF).hexdigest()}
        where = ("adapters/one", "adapters/one/lora.gguf")
        adapter = store.add(
            Adapter("adapter-1", "david", 1, "base", {}, dataset.id, dataset.hash, *where, files, {"loss": 1.0})
        )
        difference = Difference("composite", 130, 0.492, 0.571, 0.079, 0.041, 0.118)
        decision = Decision(allowed, ("composite <rises>" if allowed else "composite does not rise",))
        store.add(
            Evaluation(
                "evaluation-1", "david", adapter.id, home.parts.first, "base", "probes", (), (difference,), (), decision
            )
        )

    return turn_wheel


def test_an_untouched_wheel_says_what_to_do(client):
    page = client.get("/desk/david").text
    for step in ("generate david -n 100", "freeze david", "train david", "evaluate david"):
        assert f"emmaus {step}" in page
    assert page.count(" disabled") == 2
    assert "Nothing is promoted without an evaluation." in page


def test_the_counts_are_those_of_the_store(client, home, turned):
    turned(allowed=True)
    wheel = client.get("/api/status/david").json()
    assert wheel["sources"] == {"imported": 1, "synthetic": 3}
    assert (wheel["conversations"], wheel["scored"], wheel["learned"], wheel["adapters"]) == (4, 1, 1, 1)
    assert wheel["difference"]["low"] == 0.041
    assert wheel["live"] == wheel["against"] == words(home.store, home.parts.first)
    assert [one["character"] for one in client.get("/api/status").json() if one["conversations"]] == ["david"]
    page = client.get("/desk/david").text
    assert "3 synthetic, 1 imported" in page
    assert "+0.079" in page
    assert "+0.041 to +0.118" in page
    assert "composite &lt;rises&gt;" in page
    assert client.get("/desk").text.count("promote</span>") == 1


def test_a_job_that_was_killed_does_not_look_busy(client, home):
    jobs.begin(home.store, "generate", "david", {"n": 1})
    assert [work["state"] for work in client.get("/api/status/david").json()["jobs"]] == ["interrupted"]
    assert "interrupted, 0 of 0" in client.get("/desk/david").text


def test_promote_and_roll_back(client, home, turned):
    turned(allowed=True)
    assert client.post("/desk/david/promote").headers["location"] == "/desk/david?done=promoted"
    page = client.get("/desk/david?done=promoted").text
    assert "speaks through version 1" in page
    assert "It is live already." in page
    assert client.post("/desk/david/rollback").status_code == 303
    assert f"speaks through {words(home.store, home.parts.first)}" in client.get("/desk/david").text
    assert [d.adapter for d in home.store.find(Deployment)] == ["adapter-1", None]


def test_the_gate_holds_whoever_presses(client, home, turned):
    turned(allowed=False)
    page = client.get("/desk/david").text
    assert "The gate holds this adapter." in page
    answer = client.post("/desk/david/promote")
    assert answer.status_code == 409
    assert "composite does not rise" in answer.text
    assert home.store.count(Deployment) == 0


def test_without_evidence_nothing_is_promoted_and_nothing_taken_back(client):
    assert client.post("/desk/david/promote").status_code == 404
    assert client.post("/desk/david/rollback").status_code == 404
    assert client.get("/desk/david/report").status_code == 404
    assert client.get("/desk/zeus").status_code == 404


def test_the_report_is_shown_and_can_run_nothing(client, turned):
    turned(allowed=True)
    answer = client.get("/desk/david/report")
    assert answer.status_code == 200
    assert "David" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "sandbox" in policy


def test_a_busy_port_is_one_sentence_with_the_fix():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(EmmausError, match=f"port {port} is used by another program") as refused:
            listening("127.0.0.1", port)
    assert str(refused.value).endswith(f": emmaus up --port {port + 1}")


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70000), ("no.such.host.invalid", 0), ("203.0.113.7", 0)])
def test_an_impossible_address_is_one_sentence(host, port):
    with pytest.raises(BadInput, match=r"emmaus up --port 8000|leave --host out"):
        listening(host, port)
