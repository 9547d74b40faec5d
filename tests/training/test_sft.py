import _thread
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.training.fit_small import RECIPE, fit

from emmaus.errors import Cancelled, EmmausError
from emmaus.training import checkpoint
from emmaus.types import Progress

ROOT = Path(__file__).parent.parent.parent
STEPS = 20


def quiet(progress: Progress) -> None:
    pass


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory):
    return fit(tmp_path_factory.mktemp("whole"), quiet)


def same(one, other) -> None:
    (run, weights), (other_run, other_weights) = one, other
    assert run.step == other_run.step == STEPS
    losses, other_losses = ([line["loss"] for line in each.log if "loss" in line] for each in (run, other_run))
    assert losses == pytest.approx(other_losses)
    for name, tensor in weights.items():
        torch.testing.assert_close(tensor, other_weights[name])


@pytest.mark.parametrize("fatal", [3, 5, 11])
def test_a_killed_run_ends_where_an_undisturbed_one_does(tmp_path: Path, undisturbed, fatal: int) -> None:
    command = [sys.executable, "-m", "tests.training.fit_small", str(tmp_path), str(fatal)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    seen: list[int] = []
    resumed = fit(tmp_path, lambda progress: seen.append(progress.done))
    assert seen[0] <= fatal
    same(resumed, undisturbed)


def test_a_cancelled_run_loses_no_step(tmp_path: Path, undisturbed) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 7:
            raise Cancelled("stopped on request")

    with pytest.raises(Cancelled):
        fit(tmp_path, stop)
    seen: list[int] = []
    resumed = fit(tmp_path, lambda progress: seen.append(progress.done))
    assert seen[0] == 8
    same(resumed, undisturbed)


@pytest.mark.parametrize("milliseconds", [0, 2, 15])
def test_an_interrupted_run_loses_only_the_step_that_it_was_at(tmp_path: Path, undisturbed, milliseconds: int) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 7 and not milliseconds:
            raise KeyboardInterrupt
        if progress.done == 7:
            threading.Timer(milliseconds / 1000, _thread.interrupt_main).start()

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, interrupt)
    seen: list[int] = []
    resumed = fit(tmp_path, lambda progress: seen.append(progress.done))
    assert seen[0] >= 8 or milliseconds
    same(resumed, undisturbed)


def test_the_same_seed_repeats_and_another_does_not(tmp_path: Path, undisturbed) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    same(fit(tmp_path / "a", quiet), undisturbed)
    other, _ = fit(tmp_path / "b", quiet, replace(RECIPE, seed=6))
    assert other.log[0]["loss"] != undisturbed[0].log[0]["loss"]


def test_it_learns_and_tells(tmp_path: Path) -> None:
    told: list[Progress] = []
    run, _ = fit(tmp_path, told.append, replace(RECIPE, learning_rate=0.01, dropout=0.0))
    losses = [line["loss"] for line in run.log if "loss" in line]
    assert sum(losses[-5:]) < sum(losses[:5])
    assert [progress.done for progress in told if "loss" in progress.values] == list(range(1, STEPS + 1))
    assert {"tokens_per_second", "seconds_left", "peak_memory"} <= told[-1].values.keys()


def test_it_stops_when_validation_gets_worse_and_keeps_the_best(tmp_path: Path) -> None:
    recipe = replace(RECIPE, learning_rate=0.3, schedule="constant", epochs=9, patience=1, clip=100.0)
    run, weights = fit(tmp_path, quiet, recipe)
    assert run.stopped
    assert run.epoch < 9
    losses = [line["validation_loss"] for line in run.log if "validation_loss" in line]
    assert run.best == min(losses) < losses[-1]
    _, kept = checkpoint.load(tmp_path, "k") or pytest.fail("no checkpoint")
    assert all(torch.equal(weights[name], kept["best"][name]) for name in weights)


def test_a_loss_that_is_no_number_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(EmmausError, match="lower the learning rate"):
        fit(tmp_path, quiet, replace(RECIPE, learning_rate=1e30, warmup=0.0))


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 torn"])
def test_a_torn_or_foreign_checkpoint_is_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / checkpoint.NAME).write_bytes(content)
    assert checkpoint.load(tmp_path, "k") is None
    checkpoint.save(tmp_path, "other", checkpoint.Run(), {})
    assert checkpoint.load(tmp_path, "k") is None
