"""The desk: counts that are true, evidence with its interval, and buttons that obey the gate."""

import hashlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emmaus import jobs
from emmaus.accounts import audit
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
from parts import STOICS

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


@pytest.fixture
def press(client):
    """Press a button of David's page: promote or rollback, on the page as it stands now or as it was read before."""

    def pressed(button, page=None):
        page = page or client.get("/desk/david").text
        form = re.search(rf'<form method="post" action="/desk/david/{button}">(.*?)</form>', page, re.DOTALL)[1]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form))
        return client.post(f"/desk/david/{button}", data=fields)

    return pressed


@pytest.fixture
def evaluated_again(home):
    """Train and evaluate another version, as a command in a terminal does while the page is open."""

    def evaluate(number, *, against=None):
        store, name = home.store, f"adapter-{number}"
        file = home.parts.path / "adapters" / name / "lora.gguf"
        file.parent.mkdir(parents=True)
        file.write_bytes(GGUF)
        files = {file.name: hashlib.sha256(GGUF).hexdigest()}
        where = (f"adapters/{name}", f"adapters/{name}/{file.name}")
        store.add(Adapter(name, "david", number, "base", {}, "dataset-1", "hash", *where, files, {"loss": 1.0}))
        decision = Decision(True, ("composite rises",))
        incumbent = against or home.parts.first
        found = Evaluation(f"evaluation-{number}", "david", name, incumbent, "base", "p", (), (), (), decision)
        return store.add(found)

    return evaluate


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
    assert "interrupted</span>, 0 of 0" in client.get("/desk/david").text


def test_promote_and_roll_back(client, press, home, turned):
    turned(allowed=True)
    assert press("promote").headers["location"] == "/desk/david?done=promoted"
    page = client.get("/desk/david?done=promoted").text
    assert "speaks through version 1" in page
    assert "It is live already." in page
    assert press("rollback").status_code == 303
    assert f"speaks through {words(home.store, home.parts.first)}" in client.get("/desk/david").text
    assert [d.adapter for d in home.store.find(Deployment)] == ["adapter-1", None]
    done = [(event.who, event.act, event.object) for event in audit.read(home.store)]
    assert done == [("local", "rollback", "david"), ("local", "promote", "david")]


def test_only_what_the_page_showed_is_promoted(client, press, home, turned, evaluated_again):
    turned(allowed=True)
    page = client.get("/desk/david").text
    evaluated_again(2)
    refused = press("promote", page)
    assert refused.status_code == 409
    assert "look at it again, then decide" in refused.text
    assert home.store.count(Deployment) == 0
    assert press("promote").status_code == 303
    assert home.store.find(Deployment)[-1].evaluation == "evaluation-2"


def test_what_was_rolled_back_meanwhile_is_not_promoted_again_unseen(client, press, home, turned):
    turned(allowed=True)
    page = client.get("/desk/david").text
    assert press("promote").status_code == 303
    assert press("promote", page).status_code == 303  # a second click changes nothing
    assert home.store.count(Deployment) == 1
    press("rollback")
    assert press("promote", page).status_code == 409
    assert [d.adapter for d in home.store.find(Deployment)] == ["adapter-1", None]


def test_a_second_click_on_roll_back_goes_no_further_back(client, press, home, turned, evaluated_again):
    turned(allowed=True)
    press("promote")
    evaluated_again(2, against="adapter-1")
    press("promote")
    page = client.get("/desk/david").text
    assert press("rollback", page).status_code == 303
    second = press("rollback", page)
    assert second.status_code == 409
    assert "another deployment of david is in force by now" in second.text
    assert [d.adapter for d in home.store.find(Deployment)] == ["adapter-1", "adapter-2", "adapter-1"]
    assert press("rollback").status_code == 303


def test_the_gate_holds_whoever_presses(client, press, home, turned):
    turned(allowed=False)
    page = client.get("/desk/david").text
    assert "The gate holds this adapter." in page
    answer = press("promote")
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


def test_an_impossible_port_is_one_sentence():
    with pytest.raises(BadInput, match=r"there is no port 70000: emmaus up --port 8000"):
        listening("127.0.0.1", 70000)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.0.7", "203.0.113.7", "no.such.host.invalid"])
def test_nobody_is_served_from_another_computer(host):
    with pytest.raises(BadInput, match=r"ssh -L 8123:127\.0\.0\.1:8123 ") as refused:
        listening(host, 8123)
    assert "\n" not in str(refused.value)


def up(tmp_path, *options):
    """Start `emmaus up` as people do; the process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMMAUS_")}
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "emmaus"), "up", "--no-browser", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"EMMAUS_HOME": str(tmp_path / "home"), "EMMAUS_PACK": str(STOICS)},
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_address_that_is_printed_is_answered_at(tmp_path, host):
    with up(tmp_path, "--host", host, "--port", "0") as running:
        try:
            said = re.fullmatch(
                r"Emmaus is at (http://\S+)/(\?token=\S+) \(once; Ctrl-C ends it\)\n", running.stdout.readline()
            )
            address, link = said.groups()
            assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
            with httpx.Client(base_url=address, follow_redirects=True) as client:
                assert client.get("/").status_code == 401
                assert client.get(f"/{link}").status_code == client.get("/").status_code == 200
        finally:
            running.terminate()


def test_a_host_that_others_reach_is_refused_in_one_line(tmp_path):
    said, error = up(tmp_path, "--host", "0.0.0.0", "--port", "8123").communicate(timeout=60)
    assert said == ""
    assert error.count("\n") == 1
    assert "ssh -L 8123:127.0.0.1:8123" in error
