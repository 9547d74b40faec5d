"""What the doctor says of the pack, and of the help for people in danger: what knows them, and whom they may call."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import emmaus
from emmaus.cli.diagnosis import examine
from emmaus.cli.invocation import Invocation
from parts import STOICS


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


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"EMMAUS_COUNTRY": "GB"}, "help lines of the UK"),
        ({"EMMAUS_COUNTRY": "GR"}, "any country (none of GR are known: name a file of your own with EMMAUS_HELPLINES)"),
        ({"LANG": "el_GR.UTF-8"}, "any country (none of GR are known: name a file of your own with EMMAUS_HELPLINES)"),
        ({"LANG": "C.UTF-8"}, "any country (set EMMAUS_COUNTRY)"),
    ],
)
def test_it_is_said_whose_help_lines_are_given(tmp_path, monkeypatch, environment, said):
    for name in ("EMMAUS_COUNTRY", "EMMAUS_HELPLINES", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (care,) = (c for c in examine(Invocation(home=tmp_path, model_url="http://127.0.0.1:9")) if c.name == "care")
    assert care.ok
    assert care.says.endswith(said)


def pack_of(home, pack=None):
    """What is said of a pack."""
    (found,) = (
        c for c in examine(Invocation(home=home, pack=pack, model_url="http://127.0.0.1:9")) if c.name == "pack"
    )
    return found


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pack.yaml", "default_translation", "  - {kind: pythonbible, translation: Klingon}\ndefault_translation", (
            "there is no translation 'Klingon'; take one of WEB, KJV, ASV, or a text of your own"
        )),
        ("pack.yaml", "plain.txt", "gone.txt", "gone.txt:1: cannot be read"),
        ("characters/marcus/character.yaml", "name:", "nmae:", "character.yaml:1: unknown field 'nmae'"),
    ],
)  # fmt: skip
def test_a_pack_of_which_a_part_cannot_be_read_is_broken(tmp_path, file, old, new, said):
    pack = Path(shutil.copytree(STOICS, tmp_path / "stoics"))
    whole = pack_of(tmp_path / "home", pack)
    assert whole.ok
    assert whole.says.endswith("2 characters, words of Plain")
    (pack / file).write_text((pack / file).read_text().replace(old, new, 1))
    broken = pack_of(tmp_path / "home", pack)
    assert not broken.ok
    assert broken.needed
    assert said in broken.says


def test_the_words_of_the_pack_that_ships_are_read_and_kept_for_the_first_talk(tmp_path):
    assert pack_of(tmp_path).says.endswith("20 characters, words of WEB")
    assert sorted(file.name[:3] for file in (tmp_path / "cache").glob("*.txt")) == ["asv", "kjv", "web"]


def test_an_embedding_server_that_gives_no_numbers_is_broken(emmaus):
    ran = emmaus("doctor", EMMAUS_EMBEDDER_URL=emmaus.url)
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if "embeddings" in line and "broken" in line]
    assert "no finite number" in line
