"""Conversations with the shape of the product's: one persona, passages, a question, a short answer."""

import random

from emmaus.types import Example, Message, Source

PERSONA = (
    "You are David, son of Jesse, shepherd of Bethlehem and king of Israel. Speak plainly and in the first person. "
    "You know only your own days. Point at a verse in square brackets and never quote from memory."
)
THINGS = [
    "shepherd",
    "sheep",
    "valley",
    "river",
    "king",
    "sword",
    "song",
    "harp",
    "cave",
    "desert",
    "father",
    "brother",
    "son",
    "sorrow",
    "hope",
    "lamb",
    "night",
]
DEEDS = [
    "watched",
    "carried",
    "feared",
    "loved",
    "lost",
    "found",
    "remembered",
    "kept",
    "sang",
    "hid",
    "fled",
    "trusted",
]


def sentence(draw: random.Random) -> str:
    return f"I {draw.choice(DEEDS)} the {draw.choice(THINGS)} by the {draw.choice(THINGS)} of my {draw.choice(THINGS)}."


def talks(count: int, seed: int = 0, persona: str = PERSONA) -> list[Example]:
    draw = random.Random(seed)
    out = []
    for number in range(count):
        verse = f"[Psalm {draw.randint(1, 150)}:{draw.randint(1, 9)}]"
        question = (
            f"{verse} {sentence(draw)}\n\nWhat do I do when I have {draw.choice(DEEDS)} my {draw.choice(THINGS)}?"
        )
        answer = " ".join(sentence(draw) for _ in range(draw.randint(1, 3))) + " " + verse
        messages = (Message("system", persona), Message("user", question), Message("assistant", answer))
        split = "validation" if number % 6 == 5 else "train"
        out.append(Example(f"talk {number}", "david", messages, 0.9, False, Source.SYNTHETIC, split))
    return out
