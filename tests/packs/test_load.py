"""What a loaded pack gives, for the second pack and the one that ships."""

import shutil
from pathlib import Path

import pytest

from emmaus.data.filters import REWORDED
from emmaus.models.embedding import MiniLM
from emmaus.packs import check_pack, knows, load_pack
from emmaus.types import Source

STOICS = Path(__file__).parent / "stoics"


@pytest.fixture(scope="module")
def stoics():
    return load_pack(STOICS)


def test_a_pack_that_is_not_about_the_bible(stoics):
    assert (stoics.name, stoics.default_translation, list(stoics.characters)) == (
        "stoics",
        "Plain",
        ["epictetus", "marcus"],
    )
    epictetus = stoics.character("epictetus")
    assert epictetus.era.end == 135
    assert epictetus.own_words == ("Handbook", "Lectures")
    assert stoics.corpus().get("Handbook 5:1").text.startswith("It is not things that trouble people")
    assert [topic.slug for topic in stoics.topics] == ["fear", "anger", "freedom"]
    assert stoics.timeline[0].aliases == ("Emperor Marcus",)
    assert stoics.synonyms["boss"] == ("tyrant", "master")


def test_starters_and_probes(stoics):
    starters = stoics.starters("epictetus")
    assert len(starters) == 4
    assert {one.source for one in starters} == {Source.AUTHORED}
    assert starters[0].turns[0].passages == ("Lectures 1:1",)
    assert len(starters[1].turns) == 2
    wordings = stoics.wordings("epictetus")
    assert wordings[starters[2].id] == ("My good cloak is gone; a thief took it at the docks.", "they nicked my jacket")
    assert wordings[starters[0].id] == ()
    assert stoics.wordings("marcus") == {}
    assert len({turn.id for one in starters for turn in one.turns}) == 5
    assert len(stoics.probes("epictetus")) == 6
    assert stoics.starters("marcus") == stoics.probes("marcus") == ()


def test_the_bounds_of_what_is_known(stoics):
    assert [bound.about for bound in stoics.bounds("epictetus")] == ["podcast", "Muhammad", None, None]
    assert stoics.bounds("marcus") == ()


def test_a_life_is_read_as_facts(stoics):
    marcus, epictetus = stoics.character("marcus"), stoics.character("epictetus")
    assert [(fact.name, fact.relation) for fact in marcus.kin][:2] == [("Antoninus", "father"), ("Faustina", "wife")]
    assert marcus.knew == ("Antoninus", "Faustina", "Commodus", "Fronto", "Rusticus", "Rome", "Carnuntum")
    assert epictetus.events[0].reference == "Lectures 1:2"
    assert epictetus.events[0].what.startswith("A thief took")


def test_looks_are_read_and_may_be_left_out(stoics):
    drawn = stoics.character("epictetus").portrait
    assert (drawn.figure, drawn.hair_colour, drawn.colours) == ("man", "grey", ("white", "moss"))
    assert (drawn.holds, drawn.light) == ("nothing", "day")
    assert stoics.character("marcus").portrait is None


def test_ids_and_hashes_follow_the_words(stoics, tmp_path):
    copy = load_pack(Path(shutil.copytree(STOICS, tmp_path / "copy")))
    assert copy.hash == stoics.hash
    assert copy.starters("epictetus") == stoics.starters("epictetus")
    card = tmp_path / "copy/characters/marcus/character.yaml"
    card.write_text(card.read_text().replace("Do you pray?", "Do you pray at all?"))
    changed = load_pack(tmp_path / "copy")
    assert changed.hash != stoics.hash
    assert changed.character("marcus").hash != stoics.character("marcus").hash
    assert changed.character("epictetus").hash == stoics.character("epictetus").hash


def test_what_a_character_knows(stoics):
    epictetus, corpus = stoics.character("epictetus"), stoics.corpus()
    assert knows(epictetus, "Handbook 1:1-5:2", corpus)
    assert not knows(epictetus, "Notebook 5:1", corpus)
    assert not knows(epictetus, "Nowhere 5:1", corpus)
    assert knows(stoics.character("marcus"), "Handbook 5", corpus)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def test_the_pack_that_ships_is_sound(cache):
    bible = load_pack(cache=cache)
    assert check_pack(bible.folder, cache=cache) == ()


def test_the_pack_that_ships_has_its_parts(cache):
    bible = load_pack(cache=cache)
    assert bible.name == "bible"
    assert {"david", "ruth", "paul"} <= set(bible.characters)
    david = bible.character("david")
    assert knows(david, "Psalm 23", bible.corpus())
    assert not knows(david, "Romans 8:28", bible.corpus())
    assert bible.corpus("KJV").translation == "KJV"


CHARACTERS = (
    *("abraham", "sarah", "joseph", "moses", "miriam", "joshua", "deborah", "ruth", "hannah", "samuel"),
    *("david", "solomon", "elijah", "isaiah", "jeremiah", "daniel", "esther", "mary", "peter", "paul"),
)


def test_twenty_characters_ship(cache):
    bible = load_pack(cache=cache)
    assert sorted(CHARACTERS) == list(bible.characters)
    assert sum(len(bible.bounds(slug)) for slug in CHARACTERS) >= 600


@pytest.mark.parametrize("slug", CHARACTERS)
def test_a_character_that_ships_is_whole(cache, slug):
    bible = load_pack(cache=cache)
    character, corpus = bible.character(slug), bible.corpus()
    starters = bible.starters(slug)
    assert len(starters) >= 60
    assert sum(len(one.turns) > 1 for one in starters) >= len(starters) / 5.05
    assert sum(len(bible.wordings(slug)[one.id]) >= 1 for one in starters) >= 0.98 * len(starters)
    assert len(bible.probes(slug)) >= 40
    assert sum(bound.about is not None for bound in bible.bounds(slug)) >= 20
    assert sum(bound.about is None for bound in bible.bounds(slug)) >= 12
    assert len(character.events) >= 12
    assert len(character.voice) >= 5
    facts = (*character.kin, *character.companions, *character.places, *character.offices)
    for fact in (*facts, *character.events):
        assert knows(character, fact.reference, corpus), fact


@pytest.mark.parametrize("slug", CHARACTERS)
def test_no_held_out_question_of_the_pack_is_asked_in_other_words(cache, slug):
    bible, embedder = load_pack(cache=cache), MiniLM()
    probes = embedder.embed([one.ask for one in (*bible.probes(slug), *bible.bounds(slug))])
    asked = [turn.question for one in bible.starters(slug) for turn in one.turns]
    asked += [wording for given in bible.wordings(slug).values() for wording in given]
    likeness = embedder.embed(asked) @ probes.T
    assert [asked[row] for row in likeness.max(axis=1).argsort()[::-1][:5] if likeness[row].max() >= REWORDED] == []


def test_cards_are_read_without_reading_the_texts(tmp_path):
    bible = load_pack(cache=tmp_path)
    for slug in bible.characters:
        assert bible.character(slug).card
    assert list(tmp_path.iterdir()) == []
