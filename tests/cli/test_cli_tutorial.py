"""What the tutorial shows is what the program says."""

import os
import re
from pathlib import Path

from emmaus.cli.diagnosis import examine, lines
from emmaus.cli.invocation import Invocation

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"
OF_THE_COMPUTER = re.compile(r"\d[\w.+]*")
"""Versions, cores, and how much of everything there is."""


def test_the_doctor_says_what_the_tutorial_shows(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("EMMAUS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EMMAUS_COUNTRY", "GB")
    shown = PAGE.read_text("utf-8").split("```text\n")[1].split("\n```")[0].splitlines()
    said = lines(examine(Invocation(home=tmp_path / "home"))).splitlines()
    pack = next(line for line in said if " pack " in line)
    assert pack in shown
    anywhere = [line.replace(str(tmp_path / "home"), "/home/you/.local/share/emmaus") for line in said]
    assert [OF_THE_COMPUTER.sub("#", line) for line in shown] == [OF_THE_COMPUTER.sub("#", line) for line in anywhere]
