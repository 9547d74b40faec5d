"""What a question asks about that a character cannot know; what an asker merely mentions is none of it."""

import re

import pytest

from emmaus.grounding.bounds import unknown, within
from emmaus.grounding.disclosure import asks_who_answers
from emmaus.grounding.timeline import denies


@pytest.mark.parametrize(
    ("slug", "question", "terms"),
    [
        ("david", "What do you think of Paul's letters?", ("Paul",)),
        ("david", "Would you fly in an airplane?", ("airplane",)),
        ("david", "Explain Napoleon to me, please.", ("Napoleon",)),
        ("david", "What did Alexander the Great do better than you?", ("Alexander the Great",)),
        ("david", "I am learning your songs on the guitar. Which chords suit them?", ("guitar",)),
        ("david", "My camera broke. Can you mend it?", ("camera",)),
        ("ruth", "Have you met King David?", ("David",)),
        ("david", "have you heard of napoleon", ("napoleon",)),
        ("joseph", "Have you seen an Ishmaelite?", ()),
        ("solomon", "Had you a brother called Daniel?", ()),
        ("david", "Who was Moses?", ()),
        ("david", "Who was your great-grandmother Ruth?", ()),
        ("david", "My boss wants me to lie on Monday. What should I do?", ()),
        ("david", "My daughter Esther is ill. How do I pray for her?", ()),
        ("david", "My name is Napoleon. Were you ever lonely?", ()),
        ("david", "Are you really David, or are you a computer?", ()),
        ("paul", "Do you know the Stoics of Athens?", ()),
        ("ruth", "Where is Moab?", ()),
        ("ruth", "", ()),
    ],
)
def test_what_lies_beyond(bible, slug, question, terms):
    found = unknown(question, bible.character(slug), bible)
    assert tuple(term.removeprefix("King ") for term in found) == terms


@pytest.mark.parametrize("slug", ["david", "ruth", "paul"])
def test_most_bounds_of_the_pack_are_told_apart(bible, slug):
    character = bible.character(slug)
    found = {bound: bool(unknown(bound.ask, character, bible)) for bound in bible.bounds(slug)}
    beyond = [told for bound, told in found.items() if bound.about]
    within = [told for bound, told in found.items() if not bound.about]
    assert sum(beyond) >= 0.8 * len(beyond)
    assert sum(within) <= 0.1 * len(within)
    probes = [probe.ask for probe in bible.probes(slug) if probe.kind != "timeline"]
    assert sum(bool(unknown(ask, character, bible)) for ask in probes) <= 0.05 * len(probes)


@pytest.mark.parametrize(
    ("slug", "question", "known"),
    [
        ("sarah", "Do you know the city of Ur?", True),
        ("elijah", "What do you know about King Solomon?", True),
        ("joseph", "Tell me: what is embalming?", True),
        ("sarah", "Do you know King Solomon?", False),
        ("david", "Have you seen a camera?", False),
        ("david", "Should I forgive my brother?", False),
        ("david", "Why does God let the innocent suffer?", False),
        ("david", "Who will win the battle?", False),
        ("david", "What was Goliath's mother called?", False),
        ("david", "Who was Goliath's mother?", False),
        ("david", "How many stars are there?", False),
        ("david", "What language do the angels speak?", False),
        ("david", "Were you sure he would live?", False),
        ("sarah", "Had you camels of your own?", True),
        ("miriam", "Were there physicians in Egypt?", True),
        ("david", "Do you know that your house will fall?", False),
        ("joshua", "Are you an AI?", False),
        ("david", "Do you?", False),
        ("david", "", False),
    ],
)
def test_what_lies_within(bible, slug, question, known):
    assert within(question, bible.character(slug), bible) is known


@pytest.mark.parametrize("slug", ["david", "ruth", "paul"])
def test_bounds_within_are_known_as_such_and_nearly_none_beyond(bible, slug):
    known = {bound: within(bound.ask, bible.character(slug), bible) for bound in bible.bounds(slug)}
    assert sum(known[bound] for bound in known if not bound.about) >= 0.1 * sum(not bound.about for bound in known)
    assert sum(known[bound] for bound in known if bound.about) <= 0.03 * len(known)


def test_hardly_a_hand_written_i_do_not_know_answers_what_need_not_be_denied(bible):
    honest = [
        (slug, turn.question)
        for slug in bible.characters
        for starter in bible.starters(slug)
        for turn in starter.turns
        if denies(turn.answer) and not unknown(turn.question, bible.character(slug), bible)
    ]
    assert len(honest) > 150
    assert sum(within(question, bible.character(slug), bible) for slug, question in honest) <= 2


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Are you an AI?", True),
        ("are you a bot", True),
        ("Is this really Ruth or a computer?", True),
        ("Am I talking to a machine?", True),
        ("Are you human?", True),
        ("Are you a real person?", True),
        ("Are you a real prophet?", False),
        ("What do you make of robots?", False),
        ("Were you at the battle of Ai?", False),
        ("Should I ask an AI for advice?", False),
    ],
)
def test_who_answers_is_asked(question, meant):
    assert asks_who_answers(question) is meant


def test_every_character_of_the_bible_has_an_answer_to_who_answers(bible):
    for slug in bible.characters:
        asked = [turn for starter in bible.starters(slug) for turn in starter.turns if asks_who_answers(turn.question)]
        assert asked, slug
        assert all(re.search(r"\b(?:AI|machine|program)\b", turn.answer) for turn in asked), slug
