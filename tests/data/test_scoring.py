"""Scoring: each turn once, and only what may be read."""

from dataclasses import replace

from emmaus.data import score
from emmaus.data.checks import rubric, score_turns
from emmaus.feedback import grant, withdraw
from emmaus.types import Scope, Score, Source
from parts import WordVectors

from .test_freeze import said


def test_scoring_again_scores_nothing_again(kept, stoa):
    seen = []
    kept.add_all(said(number) for number in range(70))
    first = score(kept, stoa, WordVectors(), report=seen.append)
    assert (first.scored, first.already, first.unscored, first.rubric) == (70, 0, 0, rubric())
    assert [(p.done, p.total) for p in seen] == [(64, 70), (70, 70)]
    stored = kept.find(Score)
    again = score(kept, stoa, WordVectors())
    assert (again.scored, again.already, again.mean) == (0, 70, first.mean)
    assert kept.find(Score) == stored
    kept.add(said(70))
    assert score(kept, stoa, WordVectors()).scored == 1


def test_a_turn_that_stood_on_another_translation_is_scored(stoa):
    turn = said(1).turns[0]
    elsewhere = replace(turn, passages=("Hamlet 3:1", *turn.passages))
    assert score_turns([elsewhere], stoa, WordVectors()) == score_turns([turn], stoa, WordVectors())


def test_an_older_rubric_does_not_count(kept, stoa):
    talk = kept.add(said(1))
    kept.add(Score("old", talk.turns[0].id, "checks-old", "checks", {}, 0.1))
    assert score(kept, stoa, WordVectors()).scored == 1
    assert [s.rubric for s in kept.scores([talk.turns[0].id])[talk.turns[0].id]] == [rubric(), "checks-old"]


def test_what_nobody_may_read_is_not_scored(kept, stoa):
    kept.add(said(1, Source.PERSON, subject="alice"))
    grant(kept, "alice", [Scope.STORE])
    assert score(kept, stoa, WordVectors()).scored == 0
    grant(kept, "alice", [Scope.STORE, Scope.REVIEW])
    assert score(kept, stoa, WordVectors()).scored == 1
    withdraw(kept, "alice")
    kept.add(said(2, Source.PERSON, subject="alice"))
    result = score(kept, stoa, WordVectors())
    assert (result.scored, result.already, result.mean) == (0, 0, None)
