"""The whole wheel for real: an engine, training, the served artifact, the gate; and nothing of it twice."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

EMMAUS = str(Path(sys.executable).parent / "emmaus")


def emmaus(home: Path, model: Path, *words: str) -> tuple[dict[str, object], str]:
    environment = {**os.environ, "EMMAUS_HOME": str(home), "EMMAUS_MODEL_FILE": str(model)}
    run = subprocess.run([EMMAUS, *words, "--json"], env=environment, capture_output=True, text=True, timeout=1200)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout), run.stderr


@pytest.mark.timeout(1500)
def test_the_wheel_turns_and_a_second_turn_repeats_nothing(tmp_path: Path, model_file: Path) -> None:
    began = time.monotonic()
    first, told = emmaus(tmp_path, model_file, "demo", "ruth", "--quick")
    turned = time.monotonic() - began
    for number in range(1, 9):
        assert f"{number}/8" in told
    page = Path(str(first["report"]))
    assert page.is_file()
    assert "composite" in page.read_text(encoding="utf-8")
    main = next(difference for difference in first["differences"] if difference["metric"] == "composite")
    assert main["n"] == 30
    assert main["low"] <= main["mean"] <= main["high"]
    assert first["reasons"]

    deployments, _ = emmaus(tmp_path, model_file, "deployments")
    live = [deployment["adapter"] for deployment in deployments]
    assert live == ([first["adapter"]] if first["promoted"] else [])

    began = time.monotonic()
    second, _ = emmaus(tmp_path, model_file, "demo", "ruth", "--quick")
    # What is left are two answers and the reading of what is there; the first turn takes minutes.
    assert time.monotonic() - began < turned / 2
    for name in ("dataset", "adapter", "evaluation", "promoted"):
        assert second[name] == first[name]
    jobs, _ = emmaus(tmp_path, model_file, "jobs")
    assert sorted(job["kind"] for job in jobs) == ["evaluate", "generate", "train"]
