"""Ratings and the ledger: what is refused, what is written, and what counts in the end."""

import pytest

from emmaus.errors import BadInput, NotConsented
from emmaus.feedback import LIKED, allows, grant, policy, rate, withdraw
from emmaus.types import ConsentEvent, Conversation, Rating, Scope, Score, Source, Turn

TURN = Turn("t1", "What frightens you?", "Less than it did.")


@pytest.fixture
def spoken(kept):
    grant(kept, "alice", [Scope.STORE])
    kept.add(Conversation("c1", "epictetus", Source.PERSON, (TURN,), subject="alice"))
    return kept


@pytest.mark.parametrize("scopes", [{Scope.TRAIN}, {Scope.REVIEW, Scope.SHARE}])
def test_nothing_can_be_allowed_about_words_that_are_not_kept(kept, scopes):
    with pytest.raises(NotConsented, match="allow 'store' with it, or nothing"):
        grant(kept, "alice", scopes)
    assert kept.find(ConsentEvent) == []


def test_the_ledger_keeps_every_line_and_the_last_one_holds(kept):
    for scopes in ([Scope.STORE], [Scope.STORE, Scope.TRAIN], [Scope.STORE], []):
        event = grant(kept, "alice", scopes, clock=lambda: 7.0)
        assert event.policy == policy()[1]
        assert kept.consent("alice") == frozenset(scopes)
    withdraw(kept, "alice", clock=lambda: 7.0)
    assert len(kept.find(ConsentEvent)) == 5


def test_what_no_person_said_needs_nobodys_consent():
    made = Conversation("c1", "epictetus", Source.SYNTHETIC, (TURN,))
    spoken = Conversation("c2", "epictetus", Source.PERSON, (TURN,), subject="alice")
    assert allows(made, Scope.SHARE, {})
    assert not allows(spoken, Scope.TRAIN, {})
    assert not allows(spoken, Scope.TRAIN, {"alice": frozenset({Scope.STORE})})
    assert allows(spoken, Scope.TRAIN, {"alice": frozenset({Scope.STORE, Scope.TRAIN})})


def test_the_policy_names_every_scope():
    assert all(f"- {scope}:" in policy()[0] for scope in Scope)


def test_a_like_scores_the_turn_at_once(spoken):
    rating = rate(spoken, TURN, "alice", 1, reason=" plain ", clock=lambda: 7.0)
    assert (rating.value, rating.reason, rating.at) == (1, "plain", 7.0)
    (score,) = spoken.scores(["t1"])["t1"]
    assert (score.value, score.judge) == (LIKED, "human")
    assert rate(spoken, TURN, "alice", 1, reason="plain", clock=lambda: 7.0) == rating
    assert spoken.count(Rating) == spoken.count(Score) == 1


def test_a_dislike_scores_nothing(spoken):
    rate(spoken, TURN, "alice", -1, flag=True)
    assert spoken.scores(["t1"]) == {"t1": []}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"correction": " \n"}, "the corrected answer is empty"),
        ({"correction": "a" * 4001}, r"4,001 characters, at most 4,000"),
        ({"reason": "a" * 4001}, r"4,001 characters, at most 4,000"),
    ],
)
def test_what_cannot_be_kept_is_refused(spoken, given, sentence):
    with pytest.raises(BadInput, match=sentence):
        rate(spoken, TURN, "alice", 0, **given)
    assert spoken.find(Rating) == []


def test_nobody_rates_without_consent(spoken):
    withdraw(spoken, "alice")
    with pytest.raises(NotConsented, match="allow it with /consent store"):
        rate(spoken, TURN, "alice", 1)
    assert spoken.find(Rating) == []
