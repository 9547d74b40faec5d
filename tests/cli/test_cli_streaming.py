import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emmaus.cli.progress import Pace, duration, shown
from emmaus.cli.wrapping import wrapped
from emmaus.grounding.citations import insert
from emmaus.grounding.streaming import readable, settled
from emmaus.packs import load_pack
from emmaus.types import Progress

CORPUS = load_pack().corpus()
WHOLE = "I was afraid. [Psalm 56:3] So I went on, [Nowhere 9:9] and sang [Psalm 23:1-2]. Do you [see it?"


def cut(text: str, places: list[int]) -> list[str]:
    return [text[a:b] for a, b in pairwise(sorted({0, len(text), *places}))]


@settings(max_examples=60)
@given(st.lists(st.integers(0, len(WHOLE))))
def test_however_it_is_cut_the_reader_sees_the_same(places):
    shown = list(readable(cut(WHOLE, places), lambda text: insert(text, CORPUS)))
    assert "".join(shown) == insert(WHOLE, CORPUS)
    assert not any("[Psalm" in piece for piece in shown)


def test_words_come_before_the_answer_is_whole():
    seen = []
    for piece in readable(
        iter(["I was ", "afraid. ", "[Psalm ", "56", ":3] Now ", "go."]), lambda t: insert(t, CORPUS)
    ):
        seen.append(piece)
    assert seen[0] == "I"
    assert len(seen) > 2


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("I was", "I"),
        ("I was afraid. [Psa", "I was afraid."),
        ("I was afraid. [Psalm 56:3] ", "I was afraid. [Psalm"),
        ('He said "the Lord is', "He said"),
        ("He said \u201cthe Lord is", "He said"),
        ("a [" + "long " * 20, "a [" + "long " * 18 + "long"),
    ],
)
def test_what_is_open_is_held_back(raw, shown):
    assert settled(raw).startswith(shown[:6])
    assert "[Psa" not in settled(raw) or "]" in raw


@given(st.text(st.characters(codec="ascii", categories=["L", "Zs"], include_characters="\n ")), st.integers(20, 60))
def test_wrapping_changes_blanks_only(text, width):
    out = "".join(wrapped(list(text), width))
    assert re.sub(r"\s", "", out) == re.sub(r"\s", "", text)
    assert all(len(line) <= width or len(max(line.split(" "), key=len)) >= width - 1 for line in out.splitlines())


def test_pace_counts_only_this_run():
    times = iter([0.0, 10.0, 20.0])
    pace = Pace(lambda: next(times))
    pace.line(Progress(91, 101))
    assert pace.line(Progress(92, 101, values={"loss": 2.3456})) == "10.0 s each, 90 s left, loss 2.346"


def test_bytes_are_told_as_people_say_them(capsys):
    rate = {"bytes_per_second": 2.5e6, "seconds_left": 480.0}
    with shown("downloading") as tell:
        tell(Progress(1_000_000, 1_500_000_000, "tiny.gguf", rate))
        tell(Progress(300_000_000, 1_500_000_000, "tiny.gguf", rate))
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "downloading: 300 MB/1.5 GB, 2.5 MB/s, 8 min left"


@pytest.mark.parametrize(("seconds", "said"), [(3.2, "3 s"), (99, "99 s"), (720, "12 min"), (12_000, "3 h 20 min")])
def test_durations_as_people_say_them(seconds, said):
    assert duration(seconds) == said
