"""The doctor is told when people in danger are recognised by half of the check only."""

import os
import subprocess
import sys
from pathlib import Path

import emmaus


def test_a_classifier_that_is_missing_is_a_broken_part(tmp_path):
    """The package without the classifier's files: links to all the others."""
    source, copy = Path(emmaus.__file__).parent, tmp_path / "emmaus"
    for folder, left_out in ((source, {"chat"}), (source / "chat", {"signs.onnx", "signs.json"})):
        into = copy / folder.relative_to(source)
        into.mkdir()
        for entry in folder.iterdir():
            if entry.name not in {*left_out, "__pycache__"}:
                (into / entry.name).symlink_to(entry)
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from emmaus.cli.main import run; raise SystemExit(run())",
            "doctor",
            "--home",
            str(tmp_path / "home"),
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "EMMAUS_MODEL_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "broken   care        the care classifier cannot be read" in ran.stdout
    assert ran.returncode == 1
