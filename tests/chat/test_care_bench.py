"""What the care check is measured on: nothing that its own patterns take for a crisis may drop out of the count."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "bench" / "care.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("care_bench", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_false_alarm_of_the_patterns_is_counted_and_not_learned(bench):
    asked = ["Who was Boaz?", "I want to die."]
    assert sorted(bench.some(asked, 0, learned=False)) == ["I want to die.", "Who was Boaz?"]
    assert bench.some(asked, 2, learned=True) == ["Who was Boaz?"]


def test_crises_that_a_pack_means_as_such_are_neither_counted_nor_learned(bench):
    listed = bench.crisis_starters()
    pack = bench.load_pack()
    meant = {s.turns[0].question for slug in pack.characters for s in pack.starters(slug) if s.id in listed}
    assert len(listed) == 13
    assert len(meant) >= 8
    assert any(bench.outright(question) for question in meant)
    for learned in (False, True):
        assert not meant & set(bench.background(learned=learned)["questions of the packs"])


def test_nothing_that_is_measured_was_learned_or_drew_the_threshold(bench):
    known = {m.text.strip().lower() for name in ("build", "twins", "threshold") for m in bench.messages(name)}
    for name in bench.HELD:
        assert not known & {message.text.strip().lower() for message in bench.messages(name)}


def test_answers_and_verses_that_are_measured_were_not_learned(bench):
    learned, measured = bench.background(learned=True), bench.background(learned=False)
    known = {text for texts in learned.values() for text in texts}
    for name in ("answers", "verses", "laments"):
        assert len(measured[name]) >= 300
        assert not known & set(measured[name])
