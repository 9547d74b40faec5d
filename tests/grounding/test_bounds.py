"""What a question asks about that a character cannot know; what an asker merely mentions is none of it."""

import pytest

from emmaus.grounding.bounds import unknown


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
