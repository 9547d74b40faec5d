"""What people liked is recalled for others while they allow it, and not one answer longer."""

import time
from itertools import permutations

import numpy as np
import pytest

from emmaus.errors import ModelError
from emmaus.grounding.asked import ask
from emmaus.grounding.past import AT_ONCE, NEAREST, Past
from emmaus.store import open_store, policy
from emmaus.types import CARE, ConsentEvent, Conversation, Rating, Scope, Source, Turn
from parts import Lost, Replaced, WordVectors

ASKED = "What do you do when the harvest fails and the barn is empty?"
LIKE_IT = "What did you do when the harvest failed and the barn was empty?"
ANSWER = "I gleaned what others left. [Ruth 2:17]"
OWN = "I asked at the next field. That is what I did."
ALL = frozenset(Scope)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path) as opened:
        yield opened


def allow(store, scopes, subject="ann"):
    store.add(ConsentEvent(f"e{time.monotonic_ns()}", subject, frozenset(scopes), policy()[1], time.time()))


def told(store, turn="t1", question=ASKED, *, subject="ann", character="ruth", model="m", source=Source.PERSON):
    said = Turn(turn, question, ANSWER, ("Ruth 2:17",), model=model)
    store.add(Conversation(f"c-{turn}", character, source, (said,), subject=subject))


def rate(store, value, turn="t1", *, subject="ann", flag=False, correction=None):
    store.add(Rating(f"r{time.monotonic_ns()}", turn, subject, value, flag=flag, correction=correction))


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
    rate(store, -1, correction=OWN)
    assert recalled(store) == OWN


@pytest.mark.parametrize("lost", [[], [Scope.STORE], [Scope.STORE, Scope.REVIEW, Scope.SHARE]])
def test_a_correction_is_recalled_while_the_person_who_wrote_it_allows_it(store, lost):
    allow(store, ALL)
    allow(store, ALL, "bob")
    told(store)
    rate(store, 1)
    rate(store, 0, subject="bob", correction=OWN)
    past = Past(store, "ruth", WordVectors())
    assert recalled(store, past) == past.get("t1").answer == OWN
    allow(store, lost, "bob")
    assert recalled(store, past) == past.get("t1").answer == ANSWER
    allow(store, ALL, "bob")
    rate(store, -1, subject="bob")
    assert recalled(store, past) == OWN
    allow(store, lost, "bob")
    assert recalled(store, past) is past.get("t1") is None


@pytest.mark.parametrize("order", [*permutations([(1, None, False), (-1, None, True), (0, OWN, False)])])
def test_what_is_recalled_is_what_would_be_learned(store, order):
    """A correction answers a flag, whether it was given before or after it."""
    allow(store, ALL)
    told(store)
    for value, correction, flag in order:
        rate(store, value, correction=correction, flag=flag)
    assert recalled(store) == OWN


def test_a_vector_of_words_that_are_forgotten_while_it_is_made_is_not_kept(store):
    allow(store, ALL)
    allow(store, ALL, "bob")
    told(store)
    rate(store, 1, subject="bob", correction=OWN)

    class Meanwhile(WordVectors):
        def embed(self, texts):
            made = super().embed(texts)
            if any(OWN in text for text in texts):
                store.forget("bob")
            return made

    past = Past(store, "ruth", Meanwhile())
    past.prepare()
    assert past.found(LIKE_IT) is None
    assert store.liked("ruth", WordVectors().name) == []
    rate(store, 1)
    assert [one.packed for one in store.liked("ruth", past._embedder.name)] == [None]


def test_an_answer_that_one_person_likes_and_another_does_not_is_not_recalled(store):
    allow(store, ALL)
    told(store)
    rate(store, -1, subject="bob")
    rate(store, 1)
    assert recalled(store) is None
    rate(store, 1, subject="bob")
    assert recalled(store) == ANSWER


def test_what_is_liked_after_somebody_was_forgotten_is_recalled(store):
    for subject in ("ann", "bob"):
        allow(store, ALL, subject)
    told(store)
    rate(store, 1)
    past = Past(store, "ruth", WordVectors())
    assert recalled(store, past)
    store.forget("ann")
    assert recalled(store, past) is None
    told(store, "t2", subject="bob")
    rate(store, 1, "t2", subject="bob")
    assert recalled(store, past)


def test_what_may_be_used_is_found_behind_much_that_may_not(store):
    allow(store, ALL)
    allow(store, ALL, "bob")
    many = [f"t{number}" for number in range(5 * NEAREST + 1)]
    for turn in many:
        told(store, turn, LIKE_IT)
        rate(store, 1, turn)
    told(store, "far", ASKED, subject="bob")
    rate(store, 1, "far", subject="bob")
    past = Past(store, "ruth", WordVectors())
    past.prepare()
    assert past.found(LIKE_IT)[0].conversation in many
    allow(store, [])
    assert past.found(LIKE_IT)[0].conversation == "far"
    assert past.found("Who made the stars?") is None
    assert past.found(LIKE_IT, without=frozenset({"far"})) is None


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


def test_a_question_that_could_not_be_judged_is_judged_again(store):
    allow(store, ALL)
    told(store)
    rate(store, 1)
    away, troubled = True, True

    def unfit(_):
        if away:
            raise ModelError("the care classifier cannot be read")
        return troubled

    past, other = (Past(store, "ruth", WordVectors(), unfit=unfit) for _ in range(2))
    assert recalled(store, past) is recalled(store, other) is None
    away = False
    assert recalled(store, past) is None
    troubled = False
    assert recalled(store, past) is None
    assert recalled(store, other) == ANSWER
    away = True
    assert recalled(store, other) == ANSWER
