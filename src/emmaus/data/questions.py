"""What to ask: topics x askers x situations, every topic in its turn, no question twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from emmaus.chat import counsel_sought
from emmaus.packs import Pack
from emmaus.types import Character


@dataclass(frozen=True, slots=True)
class Asked:
    """A composed question and where it comes from."""

    topic: str
    text: str


def questions(pack: Pack, character: Character, seed: int) -> Iterator[Asked]:
    """All questions that the pack can compose for a character, each once, in a seeded order.

    Topics come in rounds, so that no topic starves however many questions are drawn. Within a topic the bare questions
    are joined with situations and askers: 51 topics of 8 questions, 70 situations and 40 askers give some 45,000. What
    the program answers itself, as no character gives such counsel, is left out.
    """
    source = random.Random(f"{seed}/{character.slug}")
    lanes = [(topic.slug, _lane(topic.questions, pack, source)) for topic in pack.topics]
    own = list(character.sample_questions)
    source.shuffle(own)
    lanes.append(("your-life", iter(own)))
    seen: set[str] = set()
    while lanes:
        source.shuffle(lanes)
        for lane in list(lanes):
            topic, drawn = lane
            text = next((text for text in drawn if text not in seen and not counsel_sought(text)), None)
            if text is None:
                lanes.remove(lane)
            else:
                seen.add(text)
                yield Asked(topic, text)


def _lane(bare: tuple[str, ...], pack: Pack, source: random.Random) -> Iterator[str]:
    """All forms of one topic's questions: bare, after a situation, after a word on who is asking."""
    kinds = [
        list(bare),
        [f"{situation} {question}" for question in bare for situation in pack.situations],
        [f"I am {asker}. {question}" for question in bare for asker in pack.askers],
    ]
    for kind in kinds:
        source.shuffle(kind)
    while left := [kind for kind in kinds if kind]:
        yield source.choice(left).pop()
