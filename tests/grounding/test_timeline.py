"""What lies beyond a character's days is found as whole words, and allowed where it is disclaimed."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.grounding import beyond, disclaims, out_of_time


@pytest.fixture(scope="module")
def epictetus(stoics):
    return stoics.character("epictetus")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Do you own a phone?", ("phone",)),
        ("Two phones and a Telephone rang.", ("phone",)),
        ("The busy man took no bus; buses are loud.", ("bus",)),
        ("The microphone is no term.", ()),
        ("Emperor Marcus read you, and Constantine did not.", ("Marcus Aurelius", "Constantine")),
        ("A constantine in small letters is no name", ()),
        ("unless there are none: did constantine read you", ("Constantine",)),
        ("Potatoes and COFFEE.", ("potato", "coffee")),
        ("He used a printing-press.", ("printing press",)),
        ("Musonius taught in Rome.", ()),
        ("", ()),
    ],
)
def test_terms_beyond(stoics, epictetus, text, terms):
    assert beyond(text, epictetus, stoics) == terms


@pytest.mark.parametrize(
    ("text", "term"),
    [("the \u0130nternet", "internet"), ("the \u0131nternet", "internet"), ("a bu\u017f", "bus"), ("C\u0327offee", "")],
)
def test_letters_that_count_as_others_in_any_case_are_read(stoics, epictetus, text, term):
    whom = dataclasses.replace(epictetus, cannot_know=(*epictetus.cannot_know, "internet"))
    assert beyond(text, whom, stoics) == ((term,) if term else ())
    assert out_of_time(text, f"{text} is beyond my days.", whom, stoics) == ()


@given(st.text())
def test_any_text_at_all_can_be_asked_about(bible, text):
    david = bible.character("david")
    named = beyond(text, david, bible)
    assert out_of_time(text, text, david, bible) in (named, ())


def test_a_term_counts_from_its_year_on(stoics, epictetus):
    assert beyond("Marcus Aurelius", stoics.character("marcus"), stoics) == ()
    later = dataclasses.replace(epictetus, era=dataclasses.replace(epictetus.era, end=140))
    assert beyond("Marcus Aurelius", later, stoics) == ()


@pytest.mark.parametrize(
    ("question", "answer", "terms"),
    [
        ("What is a phone?", "A phone is beyond my days. I know reeds and wax.", ()),
        ("What is a phone?", "I do not know this word, phone.", ()),
        ("What is a phone?", "I never heard of a telephone.", ()),
        ("What is a phone?", "My phone is made of wax.", ("phone",)),
        ("What do you eat?", "Potatoes, though they are beyond my days.", ("potato",)),
        ("What is a phone?", "A phone or a bus is beyond my days.", ("bus",)),
        ("What do you eat?", "Bread and figs.", ()),
        ("Am I talking to a machine?", "To a phone, which speaks in the voice of Epictetus.", ()),
        ("What do you think of machines?", "A phone is no friend.", ("phone",)),
    ],
)
def test_out_of_time(stoics, epictetus, question, answer, terms):
    assert out_of_time(question, answer, epictetus, stoics) == terms


@pytest.mark.parametrize(
    "answer",
    [
        "That lies beyond my days.",
        "I don’t know what that is.",
        "I have never heard that name.",
        "Nobody has told me of such a thing.",
        "It is a word I do not know.",
    ],
)
def test_disclaimers(answer):
    assert disclaims(answer)


def test_ordinary_answers_disclaim_nothing():
    assert not disclaims("I know sheep and stones. Go home and sleep.")


def test_the_starters_that_ship_stay_within_their_days(bible):
    for slug in bible.characters:
        character = bible.character(slug)
        for conversation in bible.starters(slug):
            asked = ""
            for turn in conversation.turns:
                asked += " " + turn.question
                assert out_of_time(asked, turn.answer, character, bible) == (), turn.answer


def test_cards_stay_within_their_days(bible):
    for slug in bible.characters:
        character = bible.character(slug)
        said = [character.card, character.title, *character.knew]
        assert [beyond(text, character, bible) for text in said] == [()] * len(said)
