import errno
import os
import signal
import subprocess
import time

import pytest

from emmaus.cli.failing import UNEXPECTED, guarded
from emmaus.cli.invocation import Invocation


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bogus"], "bogus"),
        (["ask", "david"], "question"),
        (["generate", "david", "-n", "none"], "valid integer"),
        (["generate", "david", "-n", "0"], "cannot generate 0"),
        (["train"], "emmaus train CHARACTER"),
        (["train", "david", "--data", "x.jsonl"], "emmaus train CHARACTER"),
        (["train", "david", "--epochs", "0"], "epochs"),
        (["consent", "everything"], "store, review, train, share"),
        (["forget"], "--yes"),
        (["pack", "check", "/nowhere"], "/nowhere"),
    ],
)
def test_asked_wrongly_is_one_line_and_2(emmaus, arguments, says):
    ran = emmaus(*arguments)
    assert ran.code == 2
    assert says.lower() in ran.err.lower()
    assert ran.err.startswith("emmaus: ")
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_unknown_character_names_the_known_ones(emmaus):
    ran = emmaus("ask", "nobody", "Who are you?")
    assert ran.code == 1
    assert "david" in ran.err


def test_json_says_errors_on_standard_output_too(emmaus):
    ran = emmaus("rollback", "david", "--json")
    assert ran.code == 1
    assert ran.json["code"] == 1
    assert ran.json["error"] in ran.err
    assert emmaus("bogus", "--json").json["code"] == 2


def test_a_wrong_setting_is_named(emmaus):
    ran = emmaus("jobs", EMMAUS_THREADS="many")
    assert ran.code == 2
    assert "EMMAUS_THREADS" in ran.err


def test_options_stand_before_or_after(emmaus, tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    assert emmaus("--home", str(before), "--json", "jobs").json == []
    assert emmaus("jobs", "--home", str(after), "--json").json == []
    assert (before / "emmaus.db").exists()
    assert (after / "emmaus.db").exists()
    assert emmaus("--home", str(before), "consent", "store", "--home", str(after)).code == 0
    assert emmaus("--home", str(after), "--json", "consent").json["scopes"] == ["store"]
    assert emmaus("--home", str(before), "--json", "consent").json["scopes"] == []


def test_a_home_that_cannot_be_written_is_one_line(emmaus, tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    ran = emmaus("jobs", "--home", str(file))
    assert ran.code == 1
    assert ran.err.count("\n") == 1


def test_a_model_server_that_is_not_there_is_one_line(emmaus):
    ran = emmaus("ask", "david", "Who are you?", "--model-url", "http://127.0.0.1:9")
    assert ran.code == 1
    assert "127.0.0.1:9" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["characters"], ["characters", "--json"]])
def test_a_reader_that_leaves_is_no_error(emmaus, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([emmaus.command, *arguments], stdout=writing, stderr=subprocess.PIPE, env=emmaus.environment())
    os.close(writing)
    assert run.stderr == b""
    assert run.returncode == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["characters"], ["jobs", "--json"]])
def test_a_full_disk_is_one_line(emmaus, arguments):
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [emmaus.command, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, env=emmaus.environment()
        )
    assert run.stderr.startswith("emmaus: the disk is full")
    assert run.stderr.count("\n") == 1
    assert run.returncode == 1


def test_what_nobody_foresaw_is_logged(tmp_path, capsys):
    def broken() -> int:
        raise ZeroDivisionError("by nothing")

    assert guarded(broken, Invocation(home=tmp_path)) == UNEXPECTED
    said = capsys.readouterr().err
    (log,) = (tmp_path / "logs").iterdir()
    assert str(log) in said
    assert "Traceback" not in said
    assert "ZeroDivisionError: by nothing" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_where_the_log_cannot_be_written_another_place_is_found(tmp_path, capsys):
    def broken() -> int:
        raise OSError(errno.EIO, "the disk is gone")

    (tmp_path / "file").write_text("")
    assert guarded(broken, Invocation(home=tmp_path / "file")) == UNEXPECTED
    assert "details are in" in capsys.readouterr().err


def test_an_interrupted_generation_says_what_is_kept_and_how_to_go_on(emmaus, server):
    server.slow = True
    running = emmaus.start("generate", "david", "-n", "500", "--minimum", "0.9")
    time.sleep(6)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "is kept" in said
    assert said.rstrip().endswith("emmaus generate david -n 500 --minimum 0.9")
    assert "Traceback" not in said
