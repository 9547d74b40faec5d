"""Whatever goes in comes out equal."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emmaus.errors import BadInput, NotFound, StoreError
from emmaus.store import open_store
from emmaus.types import (
    Adapter,
    Conversation,
    Dataset,
    Deployment,
    Job,
    JobState,
    Message,
    Rating,
    Rejection,
    Review,
    Score,
    Source,
)

from .records import adapter, conversation, conversations, dataset, free, said_of, turn, turns

unhurried = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@unhurried
@given(record=free)
def test_every_kind_of_record_comes_back_equal(shared, record):
    assert shared.add(record) == record
    assert shared.get(type(record), record.id) == record


@unhurried
@given(data=st.data())
def test_what_is_said_of_a_turn_comes_back_equal(shared, data):
    talk = data.draw(conversations.filter(lambda item: item.turns))
    shared.add(talk)
    said = data.draw(said_of(talk.turns[0].id))
    assert shared.add(said) == said
    asked = {Score: shared.scores, Rating: shared.ratings, Review: shared.reviews}
    if type(said) in asked:
        assert asked[type(said)]([said.turn])[said.turn] == [said]
    assert shared.find(type(said), turn=said.turn) == [said]


@unhurried
@given(records=st.lists(free, max_size=6, unique_by=lambda record: record.id))
def test_many_at_once_are_the_same_as_one_by_one(shared, records):
    shared.add_all(records)
    assert [shared.get(type(record), record.id) for record in records] == records


@unhurried
@given(talk=conversations, more=turns)
def test_turns_are_appended_in_order(shared, talk, more):
    shared.add(talk)
    for item in more:
        shared.append_turn(talk.id, item)
    assert shared.get(Conversation, talk.id).turns == talk.turns + more


def test_an_id_that_is_known_keeps_what_was_stored(store):
    first, second = conversation("same", turn("a", answer="first")), conversation("same", turn("b", answer="second"))
    assert store.add(first) == first
    assert store.add(second) == first
    store.add_all([second, second])
    assert store.find(Conversation) == [first]


def test_the_same_id_twice_in_one_batch_keeps_the_first(store):
    first, second = conversation("same", turn("a")), conversation("same", turn("b"))
    store.add_all([first, second])
    assert store.find(Conversation) == [first]


def test_a_turn_that_is_known_is_not_appended_again(store):
    talk = store.add(conversation())
    assert store.append_turn(talk.id, talk.turns[0]) == talk
    store.add(conversation("other"))
    with pytest.raises(StoreError, match="belongs to another conversation"):
        store.append_turn("other", talk.turns[0])
    with pytest.raises(NotFound, match="no conversation 'nowhere'"):
        store.append_turn("nowhere", turn())


def test_a_batch_comes_in_any_order_and_is_kept_whole_or_not_at_all(store):
    talk = conversation()
    score = Score("s", talk.turns[0].id, "rubric", "checks", {}, 0.8)
    store.add_all([score, talk])
    assert store.scores([talk.turns[0].id]) == {talk.turns[0].id: [score]}
    with pytest.raises(StoreError, match="names another that the store does not hold"):
        store.add_all([conversation("second"), Rating("r", "no such turn", "me", 1)])
    assert store.count(Conversation) == 1


def test_an_id_may_be_shortened_as_long_as_it_is_the_only_one(store):
    one, two = store.add(conversation("abcdef-1")), store.add(conversation("abcdef-2"))
    assert store.get(Conversation, "abcdef-2") == two
    with pytest.raises(BadInput, match="several conversations begin with 'abcdef'"):
        store.get(Conversation, "abcdef")
    store.add(conversation("unique-100%"))
    assert store.get(Conversation, "unique").id == "unique-100%"
    for wrong in ("uniqu", "abcdeg", "ABCDEF-1", "abcde%"):
        with pytest.raises(NotFound, match=r"there is no conversation .* the newest are unique-100%, abcdef-2"):
            store.get(Conversation, wrong)
    assert store.get(Conversation, one.id) == one


def test_records_are_found_by_their_fields_oldest_first(store):
    store.add_all([conversation(f"c{n}", job="j" if n % 2 else None, topic="fear", created_at=-n) for n in range(10)])
    store.add(conversation("mine", source=Source.PERSON, subject="me"))
    assert [item.id for item in store.find(Conversation, job="j")] == ["c1", "c3", "c5", "c7", "c9"]
    assert [item.id for item in store.find(Conversation, job="j", last=2)] == ["c7", "c9"]
    assert [item.id for item in store.find(Conversation, source=Source.PERSON, character="david")] == ["mine"]
    assert store.count(Conversation, job=None, topic="fear") == 5
    assert store.count(Conversation, subject=None) == 10
    store.add_all([Rejection(f"r{n}", "j", "rule", "", "q", "a") for n in range(3)])
    assert [item.id for item in store.find(Rejection, last=2)] == ["r1", "r2"]
    with pytest.raises(TypeError, match="conversation cannot be found by 'turns'; what can be: id, character, source"):
        store.find(Conversation, turns=())
    with pytest.raises(TypeError, match="does not keep Message"):
        store.find(Message)


def test_thousands_of_ids_may_be_asked_for(store):
    talks = [conversation(f"c{n}") for n in range(2500)]
    store.add_all([*talks, *(Score(f"s{n}", f"c{n}-turn", "r", "j", {}, 0.5) for n in range(2500))])
    store.add_all(talks)
    found = store.scores(f"c{n}-turn" for n in range(2500))
    assert all(found[f"c{n}-turn"][0].id == f"s{n}" for n in range(2500))


def test_what_was_said_last_comes_first(store):
    talk = store.add(conversation())
    said = [Rating(f"r{n}", talk.turns[0].id, "me", 1) for n in range(3)]
    store.add_all(said)
    assert store.ratings([talk.turns[0].id, "unknown"]) == {talk.turns[0].id: said[::-1], "unknown": []}


def test_only_jobs_change_and_only_from_the_state_that_was_expected(store):
    job = store.add(Job("j", "generate", "david", {"count": 3}, JobState.RUNNING))
    assert store.update(Job("j", "other", "", {}, JobState.CANCELLED, 1, 3, "so far", values={"loss": 1.0}))
    changed = store.get(Job, "j")
    assert (changed.kind, changed.request, changed.state, changed.done) == ("generate", job.request, "cancelled", 1)
    assert changed.values == {"loss": 1.0}
    assert not store.update(job, state=JobState.RUNNING)
    assert store.get(Job, "j") == changed


def test_lineage_leads_from_a_conversation_to_the_adapters(store):
    talk = store.add(conversation())
    store.add_all([dataset("d1", [talk]), dataset("d2"), adapter("a1", 1, "d1"), adapter("a2", 2, "d2")])
    assert [item.id for item in store.datasets_with(talk.id)] == ["d1"]
    assert [item.id for item in store.find(Adapter, dataset="d1")] == ["a1"]
    assert store.datasets_with("nowhere") == []
    assert store.get(Dataset, "d1").examples[0].messages[0] == Message("user", talk.turns[0].question)


def test_an_adapter_version_is_never_given_twice(store):
    store.add(adapter("a1", 1))
    with pytest.raises(StoreError, match="versions are never reused"):
        store.add(adapter("a2", 1))
    assert store.count(Adapter) == 1


def test_a_deployment_names_an_adapter_that_exists(store):
    with pytest.raises(StoreError, match="add that one first"):
        store.add(Deployment("d", "david", "nowhere", "embedded", None, None, "me", 0.0))
    store.add_all([Deployment("d", "david", "a", "embedded", None, None, "me", 0.0), adapter("a")])
    assert store.get(Deployment, "d" * 1).adapter == "a"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (conversation("c", turn(question="\ud800")), "not valid Unicode"),
        (Rejection("r", "j", "rule", "\udfff", "", ""), "not valid Unicode"),
        (Job("j", "generate", "david", {}, JobState.RUNNING, done=2**63), "larger than 64 bits"),
    ],
)
def test_what_no_file_can_hold_is_refused_in_a_sentence(store, record, says):
    with pytest.raises(BadInput, match=says):
        store.add(record)
    assert store.count(type(record)) == 0


def test_installation_facts_are_remembered(store):
    assert store.meta("person") is None
    assert store.once("person", "p1") == "p1"
    with open_store(store.home) as other:
        assert other.once("person", "p2") == "p1"
        assert other.meta("person") == "p1"
        other.settle("person", "p3")
        other.settle("place", "here")
    assert (store.meta("person"), store.meta("place")) == ("p3", "here")
