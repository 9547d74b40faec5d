"""The consent ledger: what was recorded last is what holds."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emmaus.store import open_store, policy
from emmaus.types import ConsentEvent, Scope

from .records import consent

numbers = itertools.count()
WORDS = policy()[1]
words = st.sampled_from([WORDS, WORDS, "older words", ""])
events = st.lists(st.tuples(st.sampled_from("abc"), st.frozensets(st.sampled_from(Scope)), words, st.floats(0, 9)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=events, at_once=st.booleans())
def test_the_last_event_of_each_person_holds_for_the_words_of_today_whatever_the_clock_said(shared, said, at_once):
    run = next(numbers)
    records = [
        ConsentEvent(f"{run}-{n}", f"{run}-{who}", scopes, agreed, at)
        for n, (who, scopes, agreed, at) in enumerate(said)
    ]
    if at_once:
        shared.add_all(records)
    else:
        for record in records:
            shared.add(record)
    expected = {record.subject: record.scopes if record.policy == WORDS else frozenset() for record in records}
    everyone = shared.consents()
    for who in "abc":
        subject = f"{run}-{who}"
        assert shared.consent(subject) == expected.get(subject, frozenset())
        assert everyone.get(subject) == expected.get(subject)
        assert shared.find(ConsentEvent, subject=subject) == [item for item in records if item.subject == subject]


def test_who_never_answered_allows_nothing(store):
    assert store.consent("stranger") == frozenset()
    assert store.consents() == {}


def test_the_ledger_outlives_the_words(store, home):
    store.add(consent("1", "me", Scope.STORE, Scope.TRAIN))
    store.add(consent("2", "me"))
    store.forget("me")
    store.close()
    with open_store(home) as again:
        assert len(again.find(ConsentEvent, subject="me")) == 2
        assert again.consent("me") == frozenset()
