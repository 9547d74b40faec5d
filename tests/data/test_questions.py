"""What is asked in generation: everything once, every topic in its turn, the same for the same seed."""

from itertools import islice

import pytest

from emmaus.data.questions import questions
from emmaus.packs import load_pack


def test_no_question_comes_twice_and_all_forms_come(small_pack):
    character = small_pack.character("epictetus")
    asked = list(questions(small_pack, character, 0))
    assert len({a.text for a in asked}) == len(asked)
    bare = sum(len(topic.questions) for topic in small_pack.topics)
    forms = bare * (1 + len(small_pack.situations) + len(small_pack.askers))
    assert len(asked) == forms + len(character.sample_questions)
    assert {a.topic for a in asked} == {*(topic.slug for topic in small_pack.topics), "your-life"}


def test_the_same_seed_asks_the_same_and_another_does_not(small_pack):
    character, other = small_pack.character("epictetus"), small_pack.character("marcus")
    first = [list(questions(small_pack, character, 3)) for _ in range(2)]
    assert first[0] == first[1]
    assert first[0] != list(questions(small_pack, character, 4))
    assert [a.text for a in first[0]][:10] != [a.text for a in questions(small_pack, other, 3)][:10]


@pytest.mark.parametrize("seed", range(3))
def test_every_topic_has_its_turn_in_every_round(seed):
    pack = load_pack()
    topics = {topic.slug for topic in pack.topics} | {"your-life"}
    lanes = len(pack.topics) + 1
    asked = list(islice(questions(pack, pack.character("david"), seed), 12 * lanes))
    for start in range(0, len(asked), lanes):
        assert {a.topic for a in asked[start : start + lanes]} == topics
