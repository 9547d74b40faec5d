"""Ratings and the ledger: what is refused, what is written, and what counts in the end."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.chat import Speaker, Talk
from emmaus.errors import BadInput, NotConsented
from emmaus.feedback import LIKED, allows, grant, keep_and_rate, lapsed, policy, rate, rate_kept, standing, withdraw
from emmaus.models.scripted import ScriptedModel
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


def test_what_was_allowed_lapses_with_its_words(kept):
    kept.add(ConsentEvent("c1", "alice", frozenset(Scope), "other words", 7.0))
    assert kept.consent("alice") == frozenset()
    assert kept.consents() == {"alice": frozenset()}
    assert lapsed(kept, "alice") == frozenset(Scope)
    grant(kept, "alice", [Scope.STORE])
    assert kept.consent("alice") == {Scope.STORE}
    assert lapsed(kept, "alice") == lapsed(kept, "stranger") == frozenset()


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
        ({"value": 2}, r"cannot be rated 2: give 1 \(good\), -1 \(bad\) or 0"),
        ({"value": -9}, r"cannot be rated -9"),
        ({}, "says nothing of the answer: rate it up or down"),
        ({"reason": " \n"}, "says nothing of the answer"),
    ],
)
def test_what_cannot_be_kept_is_refused(spoken, stoa, given, sentence):
    with pytest.raises(BadInput, match=sentence):
        rate(spoken, TURN, "alice", **{"value": 0, **given})
    talk = Talk(Speaker(stoa, ScriptedModel("I own a lamp.")), spoken, "bob")
    *_, turn = talk.say("What do you own?")
    grant(spoken, "bob", [Scope.STORE])
    with pytest.raises(BadInput, match=sentence):
        keep_and_rate(talk, turn, **{"value": 0, **given})
    assert spoken.find(Rating) == []
    assert spoken.count(Conversation) == 1
    assert not talk.is_kept(turn)
    assert keep_and_rate(talk, turn, -1, reason="short") == spoken.find(Rating)[0]
    assert spoken.find(Conversation)[-1].turns == (turn,)


def test_a_correction_may_quote_another_translation(worded_twice, kept):
    scene, words = worded_twice
    grant(kept, "bob", [Scope.STORE])
    talk = Talk(Speaker(scene, ScriptedModel("I own a lamp.")), kept, "bob")
    *_, turn = talk.say("What obeys us?")
    said = f"I say: “{words}” (Handbook 1:1)"
    with pytest.raises(BadInput, match="stands nowhere in Plain, Other; quote exactly, or without marks"):
        keep_and_rate(talk, turn, -1, correction=said.replace("obey us", "love us"))
    assert keep_and_rate(talk, turn, -1, correction=said).correction == said


def test_a_turn_that_is_not_kept_says_how_to_keep_it(spoken):
    never = Turn("t2", "And now?", "Now I rest.")
    with pytest.raises(BadInput, match=r"not kept \(any more\).*: keep it first with Talk.keep, or ask again"):
        rate(spoken, never, "alice", 1)
    spoken.forget("alice")
    with pytest.raises(BadInput, match=r"not kept \(any more\)"):
        rate(spoken, TURN, "alice", 1)
    assert spoken.find(Rating) == spoken.find(Score) == []


def test_only_what_was_said_can_be_taken_back(spoken):
    rate(spoken, TURN, "alice", 0, flag=True)
    with pytest.raises(BadInput, match="says nothing"):
        rate(spoken, TURN, "alice", 0)  # a flag stays
    rate(spoken, TURN, "alice", -1)
    rate(spoken, TURN, "alice", 0)
    with pytest.raises(BadInput, match="says nothing"):
        rate(spoken, TURN, "alice", 0)  # there is nothing left
    rate(spoken, TURN, "alice", 0, correction="I rest.")
    rate(spoken, TURN, "alice", 0)
    assert spoken.count(Rating) == 5


thumb = st.builds(lambda value: {"value": value}, st.sampled_from([-1, 1]))
flagged, corrected, nothing = st.just({"flag": True}), st.just({"correction": True}), st.just({})
comment = st.just({"reason": "because"})


@given(st.lists(thumb | flagged | corrected | nothing | comment, min_size=1, max_size=8))
def test_nothing_that_was_said_is_lost_to_what_was_said_later(said):
    number, value, correction, given = count(), 0, None, []
    for each in said:
        at = next(number)
        words = {"correction": f"answer {at}"} if "correction" in each else {}
        given.append(Rating(f"r{at}", "t1", "alice", **{"value": 0, **each, **words}))
        value = each.get("value", 0 if each.keys() <= {"reason"} else value)
        correction = words.get("correction", None if not each else correction)
    (holds,) = standing(reversed(given))
    assert (holds.value, holds.correction) == (value, correction)
    assert holds.flag == any("flag" in each for each in said)


def test_each_person_speaks_for_themselves():
    given = [Rating("r2", "t1", "bob", -1), Rating("r1", "t1", "alice", 1), Rating("r0", "t1", "bob", 0, flag=True)]
    assert [(said.subject, said.value, said.flag) for said in standing(given)] == [
        ("bob", -1, True),
        ("alice", 1, False),
    ]


def test_nobody_rates_without_consent(spoken):
    withdraw(spoken, "alice")
    with pytest.raises(NotConsented, match=r"not kept, .*: consent to 'store' first"):
        rate(spoken, TURN, "alice", 1)
    assert spoken.find(Rating) == []


def test_the_same_again_is_the_same_rating_until_something_else_is_said(spoken):
    first = rate(spoken, TURN, "alice", 1)
    assert rate(spoken, TURN, "alice", 1) == first
    second = rate(spoken, TURN, "alice", -1)
    assert rate(spoken, TURN, "alice", 1) not in (first, second)
    assert [rating.value for rating in spoken.find(Rating)] == [1, -1, 1]


def test_copies_of_a_request_that_come_at_once_are_one_rating(spoken):
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: rate(spoken, TURN, "alice", 1, reason="so it is"), range(16)))
    assert spoken.find(Rating) == [given[0]]
    assert set(given) == {given[0]}


def test_a_key_makes_one_rating_whatever_was_said_meanwhile(spoken, stoa):
    def keyed(value, key):
        return rate_kept(spoken, TURN, "alice", value, scene=lambda: stoa, key=key)

    first = keyed(1, "a")
    assert keyed(-1, "b") != first
    assert keyed(1, "a") == first
    assert [rating.value for rating in spoken.find(Rating)] == [1, -1]
    with pytest.raises(BadInput, match="another rating before"):
        keyed(-1, "a")
    with pytest.raises(BadInput, match="stands nowhere"):
        rate_kept(spoken, TURN, "alice", 0, scene=lambda: stoa, correction="I rest. [Handbook 99:1]")
    assert spoken.count(Rating) == 2
