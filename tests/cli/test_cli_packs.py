"""Packs from the command line, and every command of the page that tells how to bring one's own characters."""

import shlex
import shutil
from pathlib import Path

import pytest

from parts import STOICS

PAGE = Path(__file__).parent.parent.parent / "docs/howto/own-pack.md"
LONG = {"train", "evaluate", "promote"}
"""Steps that need a trained adapter."""


def commands(page: Path) -> list[str]:
    """The lines of a page's sh blocks."""
    blocks = page.read_text("utf-8").split("```sh\n")[1:]
    return [line for block in blocks for line in block.split("```")[0].splitlines() if line.strip()]


def test_the_page_says_what_runs(emmaus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = []
    for line in commands(PAGE):
        program, *arguments = shlex.split(line, comments=True)
        assert program == "emmaus"
        if LONG & set(arguments):
            assert emmaus(*arguments, "--help").code == 0, line
            continue
        done = emmaus(*arguments)
        assert done.code == 0, (line, done.err)
        ran.append(line)
    assert len(ran) >= 8
    assert (tmp_path / "my-pack/pack.yaml").exists()


def test_a_pack_is_begun_and_talked_with(emmaus, tmp_path):
    folder = str(tmp_path / "harbour")
    made = emmaus("pack", "new", folder, "--name", "sea", "--json").json
    assert (made["name"], made["characters"]) == ("sea", ["keeper"])
    assert emmaus("pack", "check", folder, "--json").json == {"folder": folder, "problems": [], "hints": []}
    assert emmaus("ask", "keeper", "Are you alone?", "--pack", folder, "--json").json["answer"]
    again = emmaus("pack", "new", folder)
    assert again.code == 2
    assert "is there already: give a folder that is empty or new" in again.err


def test_brackets_in_names_are_shown_as_they_stand(emmaus, tmp_path):
    folder = tmp_path / "people [of Rome] [/b]"
    shutil.copytree(STOICS, folder)
    card = folder / "characters/epictetus/character.yaml"
    title = "title: once a slave, then a teacher\n"
    card.write_text(card.read_text("utf-8").replace(title, 'title: "scribe [/b] [of Rome] :x:"\n'), "utf-8")
    greeting = emmaus("chat", "epictetus", "--pack", str(folder)).out
    assert "Epictetus, scribe [/b] [of Rome] :x:: an AI" in greeting
    assert f"{folder}: all is well" in emmaus("pack", "check", str(folder)).out


def test_hints_are_no_mistakes(emmaus):
    ran = emmaus("pack", "check", str(STOICS))
    assert ran.code == 0
    assert "epictetus/starters.yaml:4: 3 of 4 conversations have fewer than 2 other wordings" in ran.out
    assert ran.out.endswith("all is well\n")


def test_a_pack_that_is_not_there(emmaus):
    for arguments in (("pack", "check", "stoic"), ("ask", "marcus", "Who are you?", "--pack", "stoic")):
        ran = emmaus(*arguments)
        assert ran.code == 2
        assert "one of bible, stoics" in ran.err


def test_all_mistakes_of_a_manifest_are_listed(emmaus, tmp_path):
    (tmp_path / "pack.yaml").write_text("name: Wrong Name\n")
    ran = emmaus("pack", "check", str(tmp_path))
    assert "field 'title' is missing" in ran.out
    assert "field 'corpora' is missing" in ran.out


@pytest.mark.parametrize("kept", [("consent", "store"), ("freeze",)])
def test_characters_of_one_name_are_not_mixed(emmaus, tmp_path, kept):
    other = tmp_path / "other"
    shutil.copytree(STOICS, other)
    manifest = other / "pack.yaml"
    manifest.write_text(manifest.read_text().replace("name: stoics", "name: other"))
    emmaus("ask", "epictetus", "What is mine?", "--pack", str(other))  # keeps nothing
    if kept[0] == "consent":
        emmaus(*kept)
        assert emmaus("chat", "epictetus", "--pack", "stoics", stdin="What is mine?\n").code == 0
    else:
        assert emmaus("freeze", "epictetus", "--pack", "stoics").code == 0
    refused = emmaus("chat", "epictetus", "--pack", str(other), stdin="What is mine?\n")
    assert refused.code == 2
    assert "this home keeps epictetus of the pack 'stoics'" in refused.err
    assert "--home" in refused.err
    assert emmaus("ask", "epictetus", "What is mine?", "--pack", "stoics").code == 0
