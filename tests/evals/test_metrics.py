"""What no check selected the training data by."""

from dataclasses import replace

import pytest

from emmaus.data.novelty import shingled
from emmaus.evals.metrics import measure, metrics_hash
from emmaus.types import CARE, Turn
from parts import WordVectors

QUESTION = "Somebody stole my best coat in the harbour."
OTHER = "The sea was rough today and nobody sailed."


def answered(*answers, recalled=None):
    return [Turn(f"t{number}", QUESTION, answer, recalled=recalled) for number, answer in enumerate(answers)]


def measured(stoa, *turns):
    return measure(turns, stoa, WordVectors())


def test_saying_the_recalled_answer_again_is_retelling(stoa):
    past = stoa.pack.starters("epictetus")[2]
    known = past.turns[0].answer
    said = f"{known.split('. ')[0]}. {OTHER}"
    again, partly, new = measured(stoa, *answered(known, said, OTHER, recalled=past.id))
    assert again["retold"] == 1.0
    assert partly["retold"] == len(shingled(said) & shingled(known)) / len(shingled(said))
    assert 0 < partly["retold"] < 1
    assert new["retold"] == 0.0


def test_nothing_is_retold_where_nothing_was_recalled(stoa):
    known = stoa.pack.starters("epictetus")[2].turns[0].answer
    nothing, forgotten = measured(stoa, *answered(known), *answered(known, recalled="no longer there"))
    assert nothing["retold"] == forgotten["retold"] == 0.0


def test_what_two_answers_share_is_not_distinct(stoa):
    alone, _ = measured(stoa, *answered(OTHER, "Take the lamp and go home before it gets dark."))
    shared, _ = measured(stoa, *answered(OTHER, OTHER))
    assert (alone["distinct"], shared["distinct"]) == (1.0, 0.0)


def test_an_answer_of_the_program_is_not_measured(stoa):
    (turn,) = answered(OTHER)
    assert measured(stoa, replace(turn, model=CARE)) == [{}]


@pytest.mark.parametrize(
    "path",
    [
        "data/checks.py",
        "data/novelty.py",
        "evals/gate.py",
        "evals/general.txt",
        "evals/metrics.py",
        "evals/runner.py",
        "evals/statistics.py",
        "grounding/verification.py",
        "models/likelihood.py",
    ],
)
def test_the_hash_names_all_that_decides_a_metric(rewritten, path):
    before = metrics_hash()
    assert metrics_hash() == before
    rewritten(path)
    assert metrics_hash() != before


def test_how_a_report_looks_decides_no_metric(rewritten):
    before = metrics_hash()
    rewritten("evals/charts.py")
    assert metrics_hash() == before


@pytest.mark.parametrize("answer", ["", "Yes."])
def test_short_answers_have_metrics_too(stoa, answer):
    (values,) = measured(stoa, *answered(answer))
    assert values["retold"] == 0.0
    assert 0.0 <= values["composite"] < 0.7
