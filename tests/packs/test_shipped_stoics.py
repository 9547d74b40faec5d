"""The second pack that ships: two Stoics on their own texts, as whole as the figures of the Bible."""

import pytest

from emmaus.data.filters import REWORDED
from emmaus.errors import PackError
from emmaus.grounding.bounds import unknown
from emmaus.grounding.life import untrue
from emmaus.grounding.retrieval import Index
from emmaus.grounding.timeline import out_of_time
from emmaus.models.embedding import MiniLM
from emmaus.packs import Findings, examine_pack, load_pack, pack_folder

SLUGS = ("epictetus", "marcus")


@pytest.fixture(scope="module")
def stoics():
    return load_pack("stoics")


def test_it_is_sound_and_opened_by_its_name(stoics, tmp_path, monkeypatch):
    assert examine_pack("stoics") == Findings((), ())
    assert stoics.name == "stoics"
    assert tuple(stoics.characters) == SLUGS
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stoics").mkdir()
    assert pack_folder("stoics") == stoics.folder
    (tmp_path / "stoics/pack.yaml").write_text("name: mine")
    assert pack_folder("stoics").absolute() == tmp_path / "stoics"
    with pytest.raises(PackError, match=r"no pack of that name ships; .* one of bible, stoics"):
        load_pack("stoic")


def test_it_has_its_parts(stoics):
    books = [line.rpartition(" ")[0] for line in stoics.corpus().lines()]
    assert sum(book == "Meditations" for book in books) >= 150
    assert sum(book != "Meditations" for book in books) >= 150
    assert len(stoics.topics) >= 12
    assert len(stoics.timeline) >= 60


@pytest.mark.parametrize("slug", SLUGS)
def test_each_character_is_whole(stoics, slug):
    starters, wordings = stoics.starters(slug), stoics.wordings(slug)
    assert len(starters) >= 40
    assert all(len(wordings[one.id]) == 2 for one in starters)
    turns = [turn for one in starters for turn in one.turns]
    assert sum(bool(turn.passages) for turn in turns) >= 0.8 * len(turns)
    assert len(stoics.probes(slug)) >= 40
    assert sum(bound.about is not None for bound in stoics.bounds(slug)) >= 20
    assert sum(bound.about is None for bound in stoics.bounds(slug)) >= 12


@pytest.mark.parametrize("slug", SLUGS)
def test_no_answer_goes_beyond_the_card(stoics, slug):
    character = stoics.character(slug)
    for one in stoics.starters(slug):
        for turn in one.turns:
            assert untrue(turn.answer, character) == (), turn.question
            assert out_of_time(turn.question, turn.answer, character, stoics) == (), turn.question


@pytest.mark.parametrize("slug", SLUGS)
def test_the_bounds_are_told_apart(stoics, slug):
    character = stoics.character(slug)
    told = {bound: bool(unknown(bound.ask, character, stoics)) for bound in stoics.bounds(slug)}
    assert sum(found for bound, found in told.items() if bound.about) >= 20
    assert [bound.ask for bound, found in told.items() if found and not bound.about] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_no_held_out_question_is_asked_in_other_words(stoics, slug):
    embedder = MiniLM()
    probes = embedder.embed([probe.ask for probe in stoics.probes(slug)])
    asked = [turn.question for one in stoics.starters(slug) for turn in one.turns]
    asked += [wording for given in stoics.wordings(slug).values() for wording in given]
    likeness = (embedder.embed(asked) @ probes.T).max(axis=1)
    assert [words for words, near in zip(asked, likeness, strict=True) if near >= REWORDED] == []


@pytest.mark.parametrize(
    ("slug", "question", "reference"),
    [
        ("epictetus", "Somebody stole my lamp.", "Discourses I 18:15"),
        ("epictetus", "I was not invited to the dinner.", "Handbook 25:4"),
        ("marcus", "I cannot get out of bed in the morning.", "Meditations 5:1"),
        ("marcus", "Somebody insulted me.", "Handbook 20:1"),
    ],
)
def test_passages_are_found(stoics, tmp_path, slug, question, reference):
    with Index.open(tmp_path, stoics) as index:
        found = index.retrieve(question, stoics.character(slug))
    assert reference in [passage.reference for passage in found]
