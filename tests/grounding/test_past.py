"""What people liked is recalled for others while they allow it, and not one answer longer."""

import time

import numpy as np
import pytest

from emmaus.errors import ModelError
from emmaus.grounding.asked import ask
from emmaus.grounding.past import AT_ONCE, Past
from emmaus.store import open_store
from emmaus.types import CARE, ConsentEvent, Conversation, Rating, Scope, Source, Turn
from parts import Lost, Replaced, WordVectors

ASKED = "What do you do when the harvest fails and the barn is empty?"
LIKE_IT = "What did you do when the harvest failed and the barn was empty?"
ALL = frozenset(Scope)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path) as opened:
        yield opened


def allow(store, scopes, subject="ann"):
    store.add(ConsentEvent(f"e{time.monotonic_ns()}", subject, frozenset(scopes), "1", time.time()))


def told(store, turn="t1", question=ASKED, *, subject="ann", character="ruth", model="m", source=Source.PERSON):
    said = Turn(turn, question, "I gleaned what others left. [Ruth 2:17]", ("Ruth 2:17",), model=model)
    store.add(Conversation(f"c-{turn}", character, source, (said,), subject=subject))


def rate(store, value, turn="t1", *, flag=False, correction=None):
    store.add(Rating(f"r{time.monotonic_ns()}", turn, "ann", value, flag=flag, correction=correction))


def recalled(store, past=None):
    found = (past or Past(store, "ruth", WordVectors())).found(LIKE_IT)
    return found and found[0].answer


def test_a_liked_answer_is_recalled_with_what_it_stands_on(store):
    allow(store, ALL)
    told(store)
    past = Past(store, "ruth", WordVectors())
    assert past.found(LIKE_IT) is None
    rate(store, 1)
    found, cosine = past.found(LIKE_IT)
    assert (found.question, found.passages, found.conversation) == (ASKED, ("Ruth 2:17",), "t1")
    assert 0.45 <= cosine <= 1
    assert past.get("t1") == found
    assert past.found(LIKE_IT, without=frozenset({"t1"})) is None
    assert past.found("Who made the stars?") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda store: allow(store, []),
        lambda store: allow(store, [Scope.STORE, Scope.REVIEW, Scope.SHARE]),
        lambda store: rate(store, -1),
        lambda store: rate(store, 0),
        lambda store: rate(store, 1, flag=True),
        lambda store: store.forget("ann"),
    ],
    ids=["withdrawn", "train withdrawn", "disliked", "taken back", "flagged", "forgotten"],
)
def test_what_may_not_be_used_any_more_is_gone_from_the_next_answer_on(store, change):
    allow(store, ALL)
    told(store)
    rate(store, 1)
    past = Past(store, "ruth", WordVectors())
    assert recalled(store, past)
    change(store)
    assert recalled(store, past) is None
    assert past.get("t1") is None
    assert recalled(store) is None


def test_a_correction_is_recalled_in_place_of_the_answer(store):
    allow(store, ALL)
    told(store)
    rate(store, -1, correction="I asked at the next field. That is what I did.")
    assert recalled(store) == "I asked at the next field. That is what I did."


def test_other_characters_the_program_itself_and_what_nobody_said_are_not_recalled(store):
    allow(store, ALL)
    told(store, "t2", character="david")
    told(store, "t3", model=CARE)
    told(store, "t4", source=Source.SYNTHETIC)
    for turn in ("t2", "t3", "t4"):
        rate(store, 1, turn)
    assert recalled(store) is None


def test_consent_that_comes_later_is_enough(store):
    told(store)
    rate(store, 1)
    past = Past(store, "ruth", WordVectors())
    assert recalled(store, past) is None
    allow(store, ALL)
    assert recalled(store, past)


def test_vectors_are_made_once_and_a_few_at_a_time(store):
    class Counting(WordVectors):
        texts = 0

        def embed(self, texts):
            Counting.texts += len(texts)
            return super().embed(texts)

    allow(store, ALL)
    for number in range(AT_ONCE + 8):
        told(store, f"t{number}", f"{ASKED} Number {number}.")
        rate(store, 1, f"t{number}")
    past = Past(store, "ruth", Counting())
    past.found(LIKE_IT)
    assert Counting.texts == 2 * AT_ONCE + 1
    past.prepare()
    assert Counting.texts == 2 * (AT_ONCE + 8) + 1
    again = Past(store, "ruth", Counting())
    again.prepare()
    assert Counting.texts == 2 * (AT_ONCE + 8) + 2
    assert np.isclose(past.found(LIKE_IT)[1], again.found(LIKE_IT)[1])


def test_what_was_liked_is_not_lost_where_the_embedder_fails_once(store):
    allow(store, ALL)
    told(store)
    rate(store, 1)
    embedder = Lost()
    past = Past(store, "ruth", embedder)
    with pytest.raises(ModelError, match="was lost"):
        past.found(ask(LIKE_IT, WordVectors()))
    embedder.away = False
    assert recalled(store, past)


def test_vectors_of_another_length_are_made_anew(store):
    allow(store, ALL)
    told(store)
    rate(store, 1)
    embedder = Replaced()
    past = Past(store, "ruth", embedder)
    for shorter in (False, True, True, False):
        embedder.shorter = shorter
        assert recalled(store, past)
        assert recalled(store, Past(store, "ruth", embedder))


def test_a_question_that_is_unfit_is_judged_once_and_never_recalled(store):
    allow(store, ALL)
    told(store)
    told(store, "t2", "What did you do when the harvest failed?")
    rate(store, 1)
    rate(store, 1, "t2")
    judged = []

    def unfit(question):
        judged.append(question)
        return question == ASKED

    past = Past(store, "ruth", WordVectors(), unfit=unfit)
    for _ in range(3):
        found, _ = past.found(ask(LIKE_IT, WordVectors()))
        assert found.conversation == "t2"
    assert sorted(judged) == sorted([ASKED, found.question])
