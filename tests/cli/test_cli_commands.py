import json
import os
import signal
import time

import pytest

from emmaus.jobs import begin
from emmaus.models.files import default_model_file
from emmaus.packs import load_pack
from emmaus.store import open_store
from emmaus.types import Conversation, Score, Source, Turn
from parts import good


def test_characters(emmaus):
    table = emmaus("characters").out
    for slug, character in load_pack().characters.items():
        (line,) = (line for line in table.splitlines() if line.startswith(slug + " "))
        assert character.name in line
        assert "the adapter that ships" in line
    assert {found["slug"] for found in emmaus("characters", "--json").json} == set(load_pack().characters)


def test_consent_is_shown_and_changed(emmaus):
    assert "Nothing you write is kept." in emmaus("consent").out
    assert emmaus("consent", "store", "train").out == "You allow: store, train.\n"
    assert emmaus("consent", "--json").json["scopes"] == ["store", "train"]
    assert emmaus("consent", "all", "--json").json["scopes"] == ["review", "share", "store", "train"]
    assert emmaus("consent", "none").out == "Nothing you write is kept.\n"


def test_consent_to_less_than_keeping_is_refused(emmaus):
    ran = emmaus("consent", "train")
    assert ran.code == 1
    assert "store" in ran.err


def test_forget(emmaus):
    emmaus("chat", "david", stdin="/consent store\nWho are you?\n")
    assert emmaus("forget", "--yes").out == "Deleted: 1 conversation.\n"
    assert emmaus("forget", "--yes", "--json").json == {"forgotten": 0}


def test_from_generation_to_a_file(small, server, open_small, tmp_path):
    store = open_small().store
    turns = [Turn(f"t{number}", f"What of the {number} jars that broke?", good(31 * number)) for number in range(30)]
    store.add_all(Conversation(f"c{turn.id}", "epictetus", Source.IMPORTED, (turn,)) for turn in turns)
    store.add_all(Score(f"s{turn.id}", turn.id, "book", "checks", {}, 0.9) for turn in turns)
    made = small("generate", "epictetus", "-n", "3", "--minimum", "0", "-k", "1", "--json", "--model-url", server.url)
    assert made.code == 0, made.err
    assert made.json["accepted"] == 3
    assert "generate epictetus:" in made.err
    frozen = small("freeze", "epictetus", "--json").json
    assert len(frozen["examples"]) >= 20
    again = small("freeze", "epictetus")
    assert "conversations" in again.out
    assert f"Nothing changed since dataset {frozen['id']} of " in again.err
    file = tmp_path / "epictetus.jsonl"
    assert str(file) in small("export", "epictetus", "--output", str(file)).out
    assert len(file.read_text().splitlines()) == len(frozen["examples"])
    named = small("export", frozen["id"], "--output", str(file), "--format", "json", "--json").json
    assert named["dataset"] == frozen["id"]
    assert len(json.loads(file.read_text())) == named["written"]


def test_a_generation_pauses_after_the_minutes_that_it_was_given(small, server):
    server.slow = True
    asked = ("generate", "epictetus", "-n", "3", "--minimum", "0", "-k", "1", "--model-url", server.url)
    short = small(*asked, "--minutes", "0.01")
    assert short.code == 1, short.err
    assert "the 0.01 min that were given are over: 1 of 3 conversations were good enough" in short.err
    (job,) = small("jobs", "--json").json
    assert (job["state"], job["done"]) == ("paused", 1)
    while small(*asked, "--minutes", "0.01").code:
        pass
    (job,) = small("jobs", "--json").json
    assert (job["state"], job["done"]) == ("done", 3)
    assert small("generate", "epictetus", "--minutes", "0").code == 2


def test_scoring_says_what_it_came_to(emmaus):
    emmaus("chat", "david", stdin="/consent store review\nWere you never afraid?\n")
    assert emmaus("score", "david").out.startswith("1 scored, 0 had a score")
    assert emmaus("score", "david", "--json").json["already"] == 1
    assert " score of david: queued at 0 of 0" in emmaus("score", "david", "--background").out
    assert emmaus("freeze", "david", "--seed", "3", "--background", "--json").json["request"]["seed"] == 3
    queued = emmaus("models", "download", "owner/repo/tiny.gguf", "--background")
    assert " download: queued at 0 of 0" in queued.out


def test_without_an_adapter_the_next_step_is_named(emmaus):
    assert "emmaus freeze david" in emmaus("train", "david").err
    assert "emmaus train david" in emmaus("evaluate", "david").err
    assert "emmaus evaluate david" in emmaus("promote", "david").err
    assert emmaus("deployments").out.startswith("Nothing was deployed yet")


def test_jobs_are_listed_and_cancelled(emmaus, server):
    assert emmaus("jobs").out == "There were no jobs yet.\n"
    server.slow = True
    running = emmaus.start("generate", "david", "-n", "500")
    while not (jobs := emmaus("jobs", "--json").json):
        time.sleep(0.2)
    assert "running" in emmaus("jobs").out
    assert "generate of david" in emmaus("cancel", jobs[0]["id"][:8]).out
    _, said = running.communicate(timeout=90)
    assert running.returncode == 130
    assert "emmaus generate david -n 500" in said
    assert "cancelled" in emmaus("jobs").out


def test_a_killed_job_shows_as_interrupted(emmaus, server):
    server.slow = True
    running = emmaus.start("generate", "david", "-n", "500")
    while not emmaus("jobs", "--json").json:
        time.sleep(0.2)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=30)
    assert "interrupted" in emmaus("jobs").out
    assert [job["state"] for job in emmaus("jobs", "--json").json] == ["interrupted"]


def test_what_is_queued_is_paused_resumed_and_cancelled(emmaus, tmp_path):
    queued = emmaus("generate", "david", "-n", "5", "--background", "--json").json
    assert (queued["state"], queued["request"]["n"]) == ("queued", 5)
    name = queued["id"][:8]
    assert "queued" in emmaus("jobs").out
    for verb, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled"), ("resume", "queued")):
        assert emmaus(verb, name).out == f"{name} generate of david: {state} at 0 of 5\n"
    assert "emmaus freeze david" in emmaus("train", "david", "--background").err
    assert "emmaus train david" in emmaus("evaluate", "david", "--background").err
    ran = emmaus("train", "--data", "talks.jsonl", "--output", str(tmp_path / "out"), "--background")
    assert (ran.code, "leave --background out" in ran.err) == (2, True)


def test_a_worker_ends_though_a_killed_command_left_its_job_and_says_what_failed(small, tmp_path):
    with open_store(tmp_path / "home") as store:
        left = begin(store, "generate", "epictetus", {"n": 5})
    ran = small("worker", "--until-done")
    named = f"{left.id[:8]} generate of epictetus: interrupted at 0 of 0: go on with emmaus resume {left.id[:8]}"
    assert (ran.code, named in ran.err) == (0, True)
    assert named in small("jobs", left.id[:8]).out
    failing = small("models", "download", "http://127.0.0.1:9/m.gguf", "--background", "--json").json["id"]
    for _ in range(2):
        ran = small("worker", "--until-done", "--json")
        assert (ran.code, [job["id"] for job in ran.json]) == (1, [failing])
        assert small("resume", failing[:8]).out == f"{failing[:8]} download: queued at 0 of 0\n"
    small("cancel", failing[:8])
    assert small("worker", "--until-done").code == 0


def test_a_pack_is_checked(emmaus, tmp_path):
    assert emmaus("pack", "check").out.endswith("all is well\n")
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.yaml").write_text("name: Wrong Name\n")
    ran = emmaus("pack", "check", str(folder))
    assert ran.code == 2
    assert "pack.yaml:1:" in ran.out + ran.err


def test_doctor(emmaus):
    ran = emmaus("doctor")
    assert ran.code == 0
    assert "phi4 answers at" in ran.out
    assert str(emmaus.home) in ran.out
    checks = {check["name"]: check for check in emmaus("doctor", "--json").json}
    assert checks["pack"]["ok"]


def test_doctor_says_what_is_broken_and_looks_further(emmaus, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    ran = emmaus("doctor", "--home", str(file), "--model-url", "http://127.0.0.1:9")
    assert ran.code == 1
    assert ran.out.count("broken") == 2
    assert "ok       pack" in ran.out


def test_doctor_lets_the_engine_answer(emmaus, tmp_path):
    emmaus.url = ""
    ran = emmaus("doctor")
    assert ran.code == 0
    assert "answers, by xllamacpp" in ran.out
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(default_model_file().read_bytes()[:60_000])
    ran = emmaus("doctor", "--model-file", str(torn))
    assert ran.code == 1
    assert "broken   model" in ran.out
    assert "torn.gguf could not be loaded" in ran.out


def test_doctor_asks_the_teacher_too(emmaus):
    assert "ok       teacher     phi4 answers at" in emmaus("doctor", EMMAUS_TEACHER_URL=emmaus.url).out
    ran = emmaus("doctor", EMMAUS_TEACHER_URL="http://localhost:abc")
    assert ran.code == 0
    assert "missing  teacher     EMMAUS_TEACHER_URL: 'http://localhost:abc' is no address" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [["doctor", "--model-file", "/nowhere.gguf"], ["ask", "david", "Who?", "--model-file", "/nowhere.gguf"]],
)
def test_a_model_file_that_is_not_there(emmaus, arguments):
    emmaus.url = ""
    ran = emmaus(*arguments)
    assert ran.code == 1
    assert "/nowhere.gguf" in ran.out + ran.err
