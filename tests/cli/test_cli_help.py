import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emmaus.cli import reference
from emmaus.data import Drawing
from emmaus.training.recipe import Recipe

ROOT = Path(__file__).parents[2]
SLOW = ("torch", "fastapi", "sqlalchemy", "typer", "rich", "pydantic", "importlib.metadata", "typing", "re", "pathlib")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["--version"]])
def test_help_and_version_import_nothing_slow(arguments):
    code = (
        f"import sys; before = set(sys.modules); sys.argv = ['emmaus', *{arguments}]; from emmaus.cli.main import run; "
        f"code = run(); print(sorted((set(sys.modules) - before) & set({SLOW})), code, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"sys_path={sys.path!r}; import sys; sys.path[:] = sys_path; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == "[] 0\n"
    assert run.stdout


def test_no_arguments_show_the_help(emmaus):
    assert emmaus().out == emmaus("--help").out == emmaus("-h").out
    assert emmaus().code == 0


def test_help_page_is_current():
    """If this fails: python -m emmaus.cli.reference."""
    assert (ROOT / "src/emmaus/cli/help.txt").read_text(encoding="utf-8") == reference.help_page()


def test_reference_page_is_current():
    """If this fails: python -m emmaus.cli.reference."""
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == reference.reference()


def test_help_page_fits_80_columns_and_cuts_no_sentence():
    page = reference.help_page()
    assert max(map(len, page.splitlines())) <= 80
    assert "..." not in page.split("Talk:")[1]


def test_version_is_that_of_the_package(emmaus):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert emmaus("--version").out == f"emmaus {project['version']}\n"
    assert emmaus("jobs", "--version").out == f"emmaus {project['version']}\n"


def test_defaults_in_the_help_are_those_of_the_records():
    page = reference.reference()
    for value in (Drawing().minimum, Drawing().k, Recipe().epochs, Recipe().rank, Recipe().learning_rate):
        assert f"[default: {value}]" in " ".join(page.split()), value


def test_every_setting_is_in_the_reference():
    page = reference.reference()
    assert "EMMAUS_TEACHER_URL" in page
    assert "undocumented" not in page
    assert all(line.split("|")[3].strip() for line in page.splitlines() if line.startswith("| `EMMAUS_"))


def test_each_command_has_help(emmaus):
    ran = emmaus("generate", "--help")
    assert ran.code == 0
    assert "-n, --number" in ran.out
    assert "--home" in ran.out
