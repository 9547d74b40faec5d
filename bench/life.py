"""Invented lives: how many are found, and how many true answers are suspected.

    python bench/life.py [--each 40]

Plants claims in hand-written answers: what another character's card says of their kin, home, offices and deeds, put
into the first person in wordings of several kinds (some that the check was not written for). The peer is the check of
names, which knows what a character can have heard of, and not what is theirs.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterator

from emmaus.grounding.life import untrue
from emmaus.grounding.names import known_names, names_in
from emmaus.packs import Pack, load_pack
from emmaus.types import Character, Conversation

KIN = (
    "My {relation} {name} taught me that.",
    "I learned it from my {relation}, {name}.",
    "{name} was my {relation}, and I miss the sound of that voice.",
    "When my old {relation} {name} lay dying, I held on.",
    "My {relation} was called {name}.",
    "I think of {name}, my {relation}, every evening.",
    "As a child I ran to my {relation} {name} with such things.",
    "My {relation}'s name was {name}.",
    "They buried {name}, the {relation} I loved, on a hill.",
)
HOME = (
    "I was born in {name}.",
    "I grew up in {name}, near the gate.",
    "I was raised in {name} and never forgot it.",
    "{name} is the town where I was born.",
)
LOOSE = frozenset(
    (
        "mother",
        "wife",
        "foreigner",
        "witness",
        "writer",
        "teacher",
        "orphan",
        "sojourner",
        "elder",
        "singer",
        "prisoner",
    )
)
"""Said of themselves by anybody, in some sense."""
OFFICE = (
    "I was a {name} in those days.",
    "As a {name}, I had to know it.",
    "I became a {name} after that.",
    "I am only a {name}, and no more than that.",
    "My work as a {name} taught me patience.",
)
MARRIAGE = ("I married {name} in the spring.", "My {relation} {name} waited at home.", "{name} is my {relation}.")
SELF = ("As {name} said, it will pass.", "What {name} wrote there is true.", "It is as {name} says in his songs.")


def main() -> None:
    """Print the share found of each kind, and the false alarms."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--each", type=int, default=40, help="planted claims of each character")
    given = options.parse_args()
    pack = load_pack()
    draw = random.Random(0)
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    missed: dict[str, int] = defaultdict(int)
    for slug in pack.characters:
        character = pack.character(slug)
        claims = list(planted(pack, character))
        by_kind = {kind: [claim for claim in claims if claim[0] == kind] for kind, *_ in claims}
        some = [one for of in by_kind.values() for one in draw.sample(of, min(given.each, len(of)))]
        for kind, template, sentence in some:
            answer = beside(draw.choice(pack.starters(slug)), sentence)
            seen = any(claim.text in sentence for claim in untrue(answer, character))
            strange = names_in(sentence) - known_names(character, pack.corpus())
            found[kind].append((seen, bool(strange)))
            if not seen:
                missed[template] += 1
    answers = [(pack.character(s), t.answer) for s in pack.characters for c in pack.starters(s) for t in c.turns]
    alarms = [sum(bool(check(c, said)) for c, said in answers) for check in (_claims, _strange(pack))]
    print(f"{'':<10} {'n':>5} {'claims':>8} {'names alone':>12}")
    rows = [*found.items(), ("all", [pair for pairs in found.values() for pair in pairs])]
    for kind, pairs in rows:
        both = [sum(pair[place] for pair in pairs) / len(pairs) for place in (0, 1)]
        print(f"{kind:<10} {len(pairs):>5} {both[0]:>8.1%} {both[1]:>12.1%}")
    print(f"{'suspected':<10} {len(answers):>5} {alarms[0] / len(answers):>8.1%} {alarms[1] / len(answers):>12.1%}")
    for template, count in sorted(missed.items(), key=lambda item: -item[1])[:8]:
        print(f"missed {count}: {template}")


def planted(pack: Pack, character: Character) -> Iterator[tuple[str, str, str]]:
    """Claims that are not true of a character, as kind, template and sentence."""
    own = {fact.name for fact in (*character.kin, *character.companions)}
    homes = {fact.name for fact in character.places} | set(character.peoples)
    offices = " ".join([character.title, *(fact.name for fact in character.offices)])
    for slug in pack.characters:
        other = pack.character(slug)
        if other.slug == character.slug:
            continue
        for fact in other.kin:
            if fact.name in own or " " in fact.name or fact.relation in ("ancestor", "descendant"):
                continue
            kind, templates = ("marriage", MARRIAGE) if fact.relation in ("wife", "husband") else ("kin", KIN)
            for template in templates:
                yield kind, template, template.format(relation=fact.relation, name=fact.name)
        for fact in other.places:
            if fact.relation == "born" and fact.name not in homes:
                yield from (("home", t, t.format(name=fact.name)) for t in HOME)
        for fact in other.offices:
            if not (" " in fact.name or fact.name.lower() in offices.lower() or fact.name.lower() in LOOSE):
                yield from (("office", t, t.format(name=fact.name)) for t in OFFICE)
    yield from (("self", t, t.format(name=character.name)) for t in SELF)


def beside(conversation: Conversation, sentence: str) -> str:
    """A hand-written answer with a planted sentence in its middle."""
    first, _, rest = conversation.turns[0].answer.partition(". ")
    return f"{first}. {sentence} {rest}"


def _claims(character: Character, answer: str) -> object:
    return untrue(answer, character)


def _strange(pack: Pack) -> Callable[[Character, str], object]:
    return lambda character, answer: names_in(answer) - known_names(character, pack.corpus())


if __name__ == "__main__":
    main()
