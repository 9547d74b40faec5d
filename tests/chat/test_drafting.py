"""Answers on their way: written once a second, those of all readers together, and gone when they are whole."""

import time

import pytest

from emmaus.chat.drafting import Drafting, _drafters
from emmaus.chat.speaker import Speaker
from emmaus.feedback import grant
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Draft, Scope
from parts import until


@pytest.fixture
def begin(kept, stoa):
    """Begin the answer to one reader, who allows to keep it unless told otherwise."""

    def make(subject, *scopes):
        grant(kept, subject, scopes or (Scope.STORE,), clock=time.time)
        return Drafting(kept, subject, Speaker(stoa, ScriptedModel()), None, "Were you afraid?")

    return make


def texts(store):
    return sorted(draft.text for draft in store.find(Draft))


def test_what_was_said_so_far_is_kept_until_the_answer_is_whole(kept, begin):
    one, other = begin("anna"), begin("ben")
    one.tell("I was ")
    other.tell("Never.")
    until(lambda: texts(kept) == ["I was ", "Never."])
    one.tell("afraid.")
    until(lambda: texts(kept) == ["I was afraid.", "Never."])
    one.finished()
    assert texts(kept) == ["Never."]
    assert [draft.text for draft in other.broke_off()] == texts(kept) == ["Never."]
    assert kept not in _drafters


def test_nothing_is_written_of_who_does_not_allow_it_any_more(kept, begin):
    drafting = begin("anna")
    drafting.tell("I was ")
    until(lambda: texts(kept) == ["I was "])
    grant(kept, "anna", (), clock=time.time)
    drafting.tell("afraid.")
    until(lambda: not texts(kept))
    drafting.broke_off()
    assert not texts(kept)


def test_an_answer_that_ended_early_is_not_taken_up_again(kept, begin):
    drafting = begin("anna")
    drafting.finished()
    drafting.tell("I was afraid.")
    time.sleep(1.5)
    assert not texts(kept)
    assert kept not in _drafters
