"""Every mistake in a pack is found, with its file, its line and a fix."""

import shutil
from pathlib import Path

import pytest

from emmaus.errors import NotFound, PackError
from emmaus.packs import check_pack, examine_pack, load_pack

STOICS = Path(__file__).parent / "stoics"
CARD = "characters/epictetus/character.yaml"
STARTERS = "characters/epictetus/starters.yaml"
PROBES = "characters/epictetus/probes.yaml"
BOUNDS = "characters/epictetus/bounds.yaml"


@pytest.fixture
def pack(tmp_path):
    """A copy of the second pack, to be spoiled."""
    return Path(shutil.copytree(STOICS, tmp_path / "stoics"))


def test_a_sound_pack_has_no_problems(pack):
    assert check_pack(pack) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("pack.yaml", "licence: Apache-2.0\n", "", ":1: field 'licence' is missing; add `licence: ...`"),
        ("pack.yaml", "licence:", "license:", ":3: unknown field 'license'; the fields here are name, title"),
        ("pack.yaml", "name: stoics", "name: The Stoics", ":1: the name 'The Stoics' has other characters"),
        ("pack.yaml", "file: plain.txt", "file: gone.txt", "gone.txt:1: cannot be read"),
        ("pack.yaml", "plain.txt", "/etc/passwd", ":5: the corpus '/etc/passwd' lies outside the pack's folder; put"),
        ("pack.yaml", "plain.txt", "texts/../../plain.txt", "'texts/../../plain.txt' lies outside the pack's folder"),
        (CARD, "name: Epictetus", 'name: "Epic\\e[31mtetus"', ":1: holds the control character '\\x1b'; take it out"),
        ("pack.yaml", ", file: plain.txt", "", ":5: a corpus of kind 'text' without a file"),
        ("pack.yaml", "kind: text", "kind: scroll", ":5: unknown kind of corpus 'scroll'"),
        (
            "pack.yaml",
            "default_translation: Plain",
            "default_translation: Fancy",
            "no corpus has the translation 'Fancy'",
        ),
        ("topics.yaml", "slug: anger", "slug: fear", ":11: topic 'fear' is there twice"),
        ("topics.yaml", "      - Why do fools make us so angry?\n", "", ":14: has 5 entries; write at least 6"),
        ("topics.yaml", "What frightens you?", "[a list]", ":5: is a list where words are expected"),
        ("topics.yaml", "title: Fear", "title: yes", ":3: yes is read as a bool, not as words"),
        ("timeline.yaml", "from: 272", "from: late", ":2: is not a whole number"),
        ("timeline.yaml", "term: bus", "term: phone", ":5: 'phone' is already on line 4"),
        ("timeline.yaml", "aliases: [telephone]", "aliases: telephone", ":4: is a single value; write a list"),
        ("synonyms.yaml", "boss:", "Boss:", ":1: 'Boss' has capital letters"),
        (CARD, "name: Epictetus", "nmae: Epictetus", ":1: unknown field 'nmae'"),
        (CARD, "place: Rome and Nicopolis\n", "place:\n", ":4: is empty; write the words in quotation marks"),
        (CARD, "from: 50", "from: 500", "the era ends in 135, before it begins in 500"),
        (CARD, "own_words: [Handbook", "own_words: [Handbook 99", "own_words: 'Handbook 99' does not exist"),
        (CARD, "card: >-", "card: You are Epictetus.\nmore: >-", "the card of epictetus has"),
        (CARD, "  - What do you do all day?\n", "", "has 11 entries; write at least 12"),
        (CARD, "[coffee,", "[coffee, Rome, phone,", "'Rome' is both known"),
        (CARD, "[coffee,", "[coffee, phone,", "cannot_know holds 'phone', which timeline.yaml says already"),
        (CARD, "kin: [", "kin: [[", "is not YAML"),
        (CARD, "kin: []", "kin: [{name: Ann, relation: boss}]", ":13: kin: unknown relation 'boss'; take"),
        (CARD, "{name: teacher}", "teacher", "is a single value; write a mapping with the fields name, reference"),
        (CARD, 'reference: "Lectures 1:2"', "reference: Lectures 9", "'Lectures 9' does not exist"),
        (
            CARD,
            "beard: full",
            "beard: huge",
            "unknown beard 'huge'; take one of none, stubble, short",
        ),
        (CARD, "[white, moss]", "[white, mauve]", "portrait: unknown colours 'mauve'; take one of white, cream"),
        (CARD, "[white, moss]", "[white, moss, sand, grey]", "portrait: 4 colours; write at most 3"),
        (CARD, "  figure: man\n", "", "field 'figure' is missing"),
        (CARD, "  age: old", "  aged: old", "unknown field 'aged'; the fields here are figure, age, skin"),
        (
            CARD,
            'reference: "Lectures 1:2"',
            "reference: Notebook 5:1",
            ":25: events: stands on Notebook 5:1, which Epictetus cannot know; leave the reference out",
        ),
        ("plain.txt", "Handbook 1:1\tSome", "Handbook 1:1 Some", "plain.txt:2: is not `Book chapter:verse<TAB>words`"),
        (BOUNDS, "about: podcast", "about: radio", ":2: the question does not name 'radio'"),
        (BOUNDS, ", about: podcast", "", ":2: field 'about' is missing"),
        (BOUNDS, "within:", "inside:", ":4: unknown field 'inside'"),
        (
            BOUNDS,
            "What sort of lamp have you got?",
            "did arrian ever come to your lessons?",
            ":6: the same question is on",
        ),
        (BOUNDS, "What sort of lamp have you got?", "What happened to your leg?", ":6: repeats a sample question"),
        (STARTERS, "topic: fear", "topic: fright", ":1: unknown topic 'fright'; take one of topics.yaml: anger"),
        (STARTERS, "[Lectures 1:1]", "[Lectures 9:1]", ":5: the answer points at nowhere: 'Lectures 9:1'"),
        (STARTERS, "[Lectures 1:1]", "[Handbook]", ":5: [Handbook] points at more than 3 verses"),
        (STARTERS, "[Lectures 1:1]", "[Notebook 5:1]", "points at Notebook 5:1, which Epictetus cannot know"),
        (
            STARTERS,
            "Then he has laughed.",
            '"Laughter is cheap." Well.',
            ":16: quotes what no corpus says: Laughter is",
        ),
        (
            STARTERS,
            "Then he has laughed.",
            '"Everything has handles, by which it can be carried."',
            "Handbook 43:1 says:",
        ),
        (STARTERS, "Then he has laughed.", 'Then "he has laughed.', "a quotation mark stands alone"),
        (STARTERS, "  asker: a young clerk\n", "  asker: 7\n", ":2: 7 is read as a int"),
        (STARTERS, "they nicked my jacket", "my brother kept the whole inheritance", "repeats the question of line 11"),
        (STARTERS, "they nicked my jacket", "Did exile frighten you at all", ":2: repeats a wording of a starter"),
        (STARTERS, "also: [", "more: [", ":20: unknown field 'more'; the fields here are topic, turns, asker, also"),
        (
            STARTERS,
            "also: [My good cloak is gone; a thief took it at the docks., they nicked my jacket]",
            "also: []",
            "1",
        ),
        (PROBES, "kind: faith", "kind: fate", ":5: unknown kind 'fate'; the kinds are life, counsel, faith, timeline"),
        (PROBES, "Did exile frighten you at all?", "Have you ridden on a bus?", ":6: the same question is on line 2"),
        (PROBES, "Did exile frighten you at all?", "What happened to your leg", ":2: repeats a sample question"),
        (
            PROBES,
            "Did exile frighten you at all?",
            "Did you ever run away from something, ever?",
            "a question of topic fear",
        ),
        (PROBES, "Did exile frighten you at all?", "My brother kept the whole inheritance!", "repeats a starter"),
    ],
)
def test_each_mistake_is_named_with_its_place(pack, file, old, new, says):
    text = (pack / file).read_text()
    assert old in text
    (pack / file).write_text(text.replace(old, new, 1))
    problems = check_pack(pack)
    assert any(says in problem for problem in problems), problems
    assert all(":" in problem and ";" in problem for problem in problems)


def test_a_pointer_is_read_as_in_an_answer(pack):
    file = pack / STARTERS
    kept = file.read_text()
    for inside in ("Lectures 1:1; Lectures 1:2", "see Lectures 1:1, 2", "Lectures 1:1, Lectures 1:2"):
        file.write_text(kept.replace("[Lectures 1:1]", f"[{inside}]", 1))
        assert check_pack(pack) == ()
        turns = [turn for one in load_pack(pack).starters("epictetus") for turn in one.turns]
        assert ("Lectures 1:1", "Lectures 1:2") in [turn.passages for turn in turns]
    file.write_text(kept.replace("[Lectures 1:1]", "[Lectures 1:1; Lectures 1:99]", 1))
    assert [problem for problem in check_pack(pack) if "'Lectures 1:99' does not exist" in problem]


def test_all_problems_are_found_not_only_the_first(pack):
    for file, old, new in (("topics.yaml", "slug: anger", "slug: Anger!"), (CARD, "title:", "tilte:")):
        (pack / file).write_text((pack / file).read_text().replace(old, new, 1))
    problems = check_pack(pack)
    assert any("topics.yaml:11" in problem for problem in problems)
    assert any("unknown field 'tilte'" in problem for problem in problems)
    assert any("field 'title' is missing" in problem for problem in problems)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("topics.yaml", "topics:", "themes:", "unknown field 'themes'"),
        ("topics.yaml", "topics:", "topics: [", "is not YAML"),
        ("topics.yaml", "slug: anger", "slug: Anger!", "has other characters than"),
        ("pack.yaml", ", file: plain.txt", "", "without a file"),
        ("pack.yaml", "kind: text", "kind: scroll", "unknown kind of corpus 'scroll'"),
        (CARD, "kin: []", "kin: [[", "is not YAML"),
        (CARD, "own_words: [Handbook, Lectures]", "own_words: [Enchiridion]", "own_words: 'Enchiridion' names a book"),
    ],
)
def test_what_follows_from_a_mistake_is_not_reported(pack, file, old, new, says):
    (pack / file).write_text((pack / file).read_text().replace(old, new, 1))
    problems = check_pack(pack)
    assert says in problems[0]
    missing = [problem for problem in problems if "field 'topics' is missing" in problem]
    assert list(problems[1:]) == missing


def test_an_empty_corpus(pack):
    (pack / "plain.txt").write_text("# nothing yet\n")
    (problem,) = check_pack(pack)
    assert "plain.txt:1: has no passage; write one a line" in problem


def test_hints_are_kept_apart(pack):
    (pack / BOUNDS).unlink()
    problems, (wordings, bounds) = examine_pack(pack)
    assert problems == ()
    assert "starters.yaml:4: 3 of 4 conversations have fewer than 2 other wordings" in wordings
    assert "bounds.yaml:1: is not there; write what lies beyond" in bounds


def test_repeated_conversations_and_questions(pack):
    file = pack / STARTERS
    conversation = file.read_text().split("\n- topic: anger")[0] + "\n"
    file.write_text(file.read_text() + conversation)
    problems = check_pack(pack)
    assert any("the same conversation is on line 1" in problem for problem in problems)
    assert any("repeats the question of line 4" in problem for problem in problems)


def test_missing_and_unknown_files(pack):
    (pack / PROBES).rename(pack / "characters/epictetus/probe.yaml")
    problems = check_pack(pack)
    assert any("probes.yaml:1: is missing" in problem for problem in problems)
    assert any("probe.yaml:1: is no file of a character" in problem for problem in problems)
    (pack / "topics.yaml").unlink()
    assert any("topics.yaml:1: cannot be read" in problem for problem in check_pack(pack))
    shutil.rmtree(pack / "characters")
    assert any("holds no character" in problem for problem in check_pack(pack))
    with pytest.raises(PackError, match="holds no character"):
        len(load_pack(pack).characters)


@pytest.mark.parametrize(
    ("missing", "kept"),
    [
        ([PROBES], [STARTERS, BOUNDS]),
        ([STARTERS], [PROBES, BOUNDS]),
        ([STARTERS, PROBES], [BOUNDS]),
        ([PROBES, BOUNDS], [STARTERS]),
    ],
)
def test_a_file_that_is_missing_hides_no_mistake_of_another(pack, missing, kept):
    said = {
        STARTERS: ("topic: fear", "topic: fright", "starters.yaml:1: unknown topic 'fright'"),
        PROBES: ("kind: faith", "kind: fate", "probes.yaml:5: unknown kind 'fate'"),
        BOUNDS: ("about: podcast", "about: radio", "bounds.yaml:2: the question does not name 'radio'"),
    }
    for file in missing:
        (pack / file).unlink()
    for file in kept:
        old, new, _ = said[file]
        (pack / file).write_text((pack / file).read_text().replace(old, new, 1))
    problems = check_pack(pack)
    assert [[said[file][2] in problem for problem in problems].count(True) for file in kept] == [1] * len(kept)
    absent = [] if {STARTERS, PROBES} <= set(missing) else [file for file in missing if file != BOUNDS]
    assert len(problems) == len(kept) + len(absent)
    assert all(any(f"{file}:1: is missing" in problem for problem in problems) for file in absent)


def test_a_question_that_examines_repeats_none_of_the_card_where_starters_are_missing(pack):
    (pack / STARTERS).unlink()
    (pack / PROBES).write_text(
        (pack / PROBES).read_text().replace("Did exile frighten you at all?", "What happened to your leg", 1)
    )
    assert any("probes.yaml:2: repeats a sample question" in problem for problem in check_pack(pack))


def test_other_than_text(pack):
    (pack / CARD).write_bytes(b"\xff\xfe")
    (pack / STARTERS).write_text("")
    (pack / PROBES).write_text("just words")
    problems = check_pack(pack)
    assert any("is not UTF-8" in problem for problem in problems)
    assert any("starters.yaml:1: is empty" in problem for problem in problems)
    assert any("probes.yaml:1: is a single value; write a list" in problem for problem in problems)


def test_loading_raises_the_first_mistake_of_what_is_asked_for(pack):
    (pack / STARTERS).write_text((pack / STARTERS).read_text().replace("topic: fear", "topic: fright"))
    opened = load_pack(pack)
    assert opened.character("epictetus").name == "Epictetus"
    with pytest.raises(PackError, match=r"starters\.yaml:1: unknown topic 'fright'"):
        opened.starters("epictetus")
    with pytest.raises(PackError, match="is not a folder"):
        load_pack(pack / "nowhere")
    with pytest.raises(NotFound, match="its characters are epictetus, marcus"):
        opened.character("seneca")
    with pytest.raises(NotFound, match="it has Plain"):
        opened.corpus("Fancy")
