"""The desk on the command line: where wheels stand, what was frozen, trained and evaluated, and what would be made."""

from dataclasses import replace

import pytest

from emmaus.data import Drawing
from emmaus.jobs import curves
from emmaus.types import JobState, Progress, Source
from hub import write_gguf
from parts import varied


@pytest.fixture
def home(open_small):
    """A home with two conversations that were generated and scored, and the job that made them."""
    made = open_small(varied)
    made.generate("epictetus", 2, drawing=Drawing(minimum=0.0, k=1))
    return made


def test_a_wheel_tells_its_counts_and_its_next_step(small, home):
    (one,) = small("status", "epictetus", "--json").json
    assert one["sources"][Source.SYNTHETIC] == 2
    assert [mark["n"] for mark in one["quality"]] == [2]
    assert one["next"]["kind"] in {"score", "review", "generate", "freeze"}
    told = small("status", "epictetus").out
    assert "conversations" in told
    assert "next: " in told
    assert [wheel["character"] for wheel in small("status", "--json").json] == ["epictetus", "marcus"]
    assert "marcus" in small("status").out


def test_what_was_made_is_listed(small, home):
    assert "Nothing was frozen yet" in small("datasets").out
    assert "Nothing was trained yet" in small("adapters", "epictetus").out
    assert "Nothing was evaluated yet" in small("evaluations", "epictetus").out
    assert small("evaluations", "epictetus", "--json").json == {"evaluations": [], "metrics": []}
    assert small("datasets", "nobody").code == 1


def test_a_job_tells_its_curve(small, home):
    (job,) = home.jobs()
    curve = curves.Curve(home.parts.path, job.id)
    for done in range(1, 40):
        curve.add(Progress(done, 40, values={"loss": 3 - done / 40}))
    told = small("jobs", job.id[:8], "--json").json
    assert (told["state"], told["points"][-1]["done"]) == ("done", 39)
    shown = small("jobs", job.id[:8]).out
    assert "loss" in shown
    assert "39/40" in shown
    home.store.update(replace(job, state=JobState.FAILED, note="the disk is full"))
    assert "failed" in small("jobs", job.id[:8]).out
    assert small("jobs", "nothing0").code == 1


def test_a_preview_keeps_nothing(small, server):
    drawn = small("generate", "epictetus", "--preview", "--model-url", server.url)
    assert drawn.code == 0, drawn.err
    assert "nothing was kept now" in drawn.out
    assert small("jobs", "--json").json == []


def test_a_preview_draws_as_it_is_asked_to(small, server):
    asked = ("generate", "epictetus", "--preview", "--model-url", server.url, "--json")
    for minimum, is_dropped in (("0", False), ("1", True)):
        drawn = small(*asked, "-k", "1", "--minimum", minimum)
        assert drawn.code == 0, drawn.err
        assert bool(drawn.json["dropped"]) is is_dropped
    for more in (["--background"], ["-n", "5"]):
        ran = small(*asked, *more)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "leave --background and -n out" in ran.err


def test_what_training_takes_needs_a_dataset(small):
    ran = small("estimate", "epictetus")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "emmaus freeze epictetus" in ran.err


def test_only_the_deployment_that_is_named_is_rolled_back(small):
    ran = small("rollback", "epictetus", "--deployment", "d0000")
    assert ran.code == 1
    assert ran.err.count("\n") == 1


def test_a_model_file_says_what_it_is(small, tmp_path):
    file = write_gguf(tmp_path / "small.gguf")
    assert small("models", "look", str(file), "--json").json["file"] == str(file)
    assert "emmaus models use chat --file" in small("models", "look", str(file)).out
    assert small("models", "look", str(tmp_path / "none.gguf")).code != 0
