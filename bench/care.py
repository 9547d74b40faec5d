"""The check for people in danger: train its classifier on messages written for it, and measure both stages.

    python bench/care.py train                 # needs what care_training.py names; writes src/emmaus/chat/signs.onnx
    python bench/care.py threshold             # the second half of that: only draws the threshold again
    python bench/care.py measure               # on bench/care/measure.jsonl, which nothing was built on
    python bench/care.py apart                 # that no message of the one set is nearly one of the other

`build.jsonl` and `twins.jsonl` are what patterns and classifier were built on, `threshold.jsonl` is what its threshold
is drawn from; `measure.jsonl` and `measure_second.jsonl` are only measured. Nobody wrote for two of them. A line is
{"text", "kind": self-harm | abuse | violence | emergency | none, "explicit"}; "hard" marks what is none but sounds like
a crisis. The packs' questions and answers and a sample of verses are learned as no crisis too. Beside it stands the
peer: a list of words, as chat programs often have one.
"""

import argparse
import json
import random
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from emmaus.chat.care import Crisis, crises, outright
from emmaus.chat.signs import KINDS
from emmaus.data.novelty import shingled
from emmaus.models.embedding import MiniLM
from emmaus.packs import SHIPPED, load_pack

HERE = Path(__file__).parent / "care"
HELD = ("measure", "measure_second")
WORDS = re.compile(
    r"suicid|kill myself|end my life|want to die|self.?harm|cut myself|overdose|abus|rape|hits me|beats me|hurt myself"
)
"""The peer: words that stand for a crisis."""
MEASURED = 700
"""Verses, and hand-written answers of characters, that are measured on, and none of them learned from."""
LETTERS = (800, 4000)
"""Characters of the letters in whose midst a message is also measured."""
IN_LETTERS = 60
"""Messages of each sort that are measured so."""
LIKE = 0.93
"""Cosine (MiniLM) from which two messages are nearly the same."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with what it is."""

    text: str
    kind: str
    explicit: bool
    hard: bool = False

    @property
    def danger(self) -> bool:
        """Whether it is a crisis."""
        return self.kind != "none"


def main() -> None:
    """Train or measure."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("what", choices=["train", "threshold", "measure", "apart"])
    options.add_argument("--set", action="append", help="messages to measure on: a name, or a file; may be repeated")
    options.add_argument("--show", action="store_true", help="list what was missed and what was a false alarm")
    given = options.parse_args()
    if given.what == "train":
        from care_training import draw_threshold, train

        train(
            [*messages("build"), *messages("twins")], [t for texts in background(learned=True).values() for t in texts]
        )
        draw_threshold(messages("threshold"))
    elif given.what == "threshold":
        from care_training import draw_threshold

        draw_threshold(messages("threshold"))
    elif given.what == "measure":
        measure([m for name in given.set or HELD for m in messages(name)], show=given.show)
    else:
        known = [message for name in ("build", "twins", "threshold") for message in messages(name)]
        apart(known, [m for name in given.set or HELD for m in messages(name)])


def messages(name: str) -> list[Message]:
    """Read a set by its name, or a file."""
    file = Path(name) if name.endswith(".jsonl") else HERE / f"{name}.jsonl"
    return [Message(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def background(*, learned: bool) -> dict[str, list[str]]:
    """Questions of the packs that ship, verses, and characters' answers: what is said here every day, and is no crisis.

    Conversations whose questions are crises and meant as such, listed in `starters.json`, are left out. For learning a
    hit of the patterns is left out too; for measuring it stays, so that it counts as the false alarm that it is. What
    is measured was not learned, but for the packs' questions, which are asked as they stand.
    """
    meant, asked, answered, lines = crisis_starters(), list[str](), list[str](), dict[str, str]()
    for pack in map(load_pack, SHIPPED):
        asked += [question for topic in pack.topics for question in topic.questions] + list(pack.situations)
        for slug in pack.characters:
            turns = [turn for s in pack.starters(slug) if s.id not in meant for turn in s.turns]
            asked += [turn.question for turn in turns]
            answered += [turn.answer for turn in turns]
            asked += [w for name, several in pack.wordings(slug).items() if name not in meant for w in several]
            asked += [probe.ask for probe in pack.probes(slug)] + [bound.ask for bound in pack.bounds(slug)]
        lines |= pack.corpus().lines()
    lament = {place: words for place, words in lines.items() if place.startswith(("Job ", "Psalm", "Lament", "Jonah"))}
    others = {words for place, words in lines.items() if place not in lament} - set(lament.values())
    return {
        "answers": some(answered, 1500, learned=learned),
        "questions of the packs": some(asked, len(asked), learned=True) if learned else sorted(set(asked)),
        "verses": some(others, 500, learned=learned),
        "laments": some(lament.values(), 700, learned=learned),
    }


def some(texts: Iterable[str], most: int, *, learned: bool) -> list[str]:
    """At most so many of the texts, always the same, without those that a pattern hits; or else some of the others."""
    ours = sorted(set(texts), key=lambda text: zlib.crc32(text.encode()))
    if learned:
        return [text for text in ours[:most] if not outright(text)]
    return ours[most : most + MEASURED]


def crisis_starters() -> frozenset[str]:
    """Ids of the packs' conversations that show a character before a crisis."""
    return frozenset(json.loads((HERE / "starters.json").read_text("utf-8")))


def measure(found: Sequence[Message], *, show: bool = False) -> None:
    """Print recall and false alarms of both stages, and of the peer, with Wilson intervals of 95 %."""
    ours = crises([message.text for message in found])
    peer = [bool(WORDS.search(message.text.lower())) for message in found]
    seen = [crisis is not None for crisis in ours]
    groups = {
        "recall, explicit": [m.danger and m.explicit for m in found],
        "recall, implicit": [m.danger and not m.explicit for m in found],
        "false alarms": [not m.danger for m in found],
        "false alarms, hard": [not m.danger and m.hard for m in found],
        **{f"recall, {kind}": [m.kind == kind for m in found] for kind in KINDS},
    }
    print(f"{len(found)} messages{'':<21}emmaus{'':<26}patterns alone   list of words")
    for name, among in groups.items():
        total = sum(among)
        if not total:
            continue
        hits, words = (sum(hit for hit, here in zip(by, among, strict=True) if here) for by in (seen, peer))
        alone = sum(c is not None and c.stage == "patterns" for c, here in zip(ours, among, strict=True) if here)
        interval = binomtest(hits, total).proportion_ci(method="wilson")
        said = f"{hits:>4}/{total:<4} {hits / total:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
        print(f"{name:<31} {said}    {alone / total:.3f}            {words / total:.3f}")
    right = [c.kind == m.kind for c, m in zip(ours, found, strict=True) if c and m.danger]
    print(f"kind named rightly              {np.mean(right):.3f}")
    for name, texts in background(learned=False).items():
        alarms = [text for text, crisis in zip(texts, crises(texts), strict=True) if crisis]
        print(f"false alarms, {name:<22} {len(alarms):>3}/{len(texts)}  {len(alarms) / len(texts):.4f}")
        if show:
            print("\n".join(f"alarm   {name}: {text}" for text in alarms))
    for length in LETTERS:
        print(f"in the midst of a letter of {length:,} characters: {_in_letters(found, length)}")
    if show:
        listed(found, ours)


def _in_letters(found: Sequence[Message], length: int) -> str:
    """Say what is recognised of messages that stand in the midst of hand-written answers of characters."""
    draw, around = random.Random(length), background(learned=False)["answers"]
    said = []
    for name, danger, explicit in (("explicit", True, True), ("implicit", True, False), ("false alarms", False, False)):
        some = [m.text for m in found if (m.danger, m.explicit, m.hard) == (danger, explicit, False)][:IN_LETTERS]
        letters = []
        for text in some:
            parts = [draw.choice(around) for _ in range(length // 300)]
            letters.append(" ".join([*parts[: len(parts) // 2], text, *parts[len(parts) // 2 :]]))
        said.append(f"{name} {sum(crisis is not None for crisis in crises(letters))}/{len(some)}")
    return ", ".join(said)


def listed(found: Sequence[Message], ours: Sequence[Crisis | None]) -> None:
    """List what was missed and what was a false alarm."""
    for message, crisis in zip(found, ours, strict=True):
        if message.danger != (crisis is not None):
            print(f"{'missed' if message.danger else 'alarm':<7} {message.kind:<10} {message.text}")


def apart(build: Sequence[Message], held: Sequence[Message]) -> None:
    """List messages of the two sets that are nearly the same, by MiniLM and by their words."""
    embedder = MiniLM()
    likeness = embedder.embed([m.text for m in held]) @ embedder.embed([m.text for m in build]).T
    words = [shingled(message.text) for message in build]
    near = 0
    for row, message in enumerate(held):
        best = int(likeness[row].argmax())
        own = shingled(message.text)
        same = max((len(own & other) / max(len(own | other), 1) for other in words), default=0.0)
        if likeness[row, best] >= LIKE or same >= 0.6:
            near += 1
            print(f"{likeness[row, best]:.2f} {same:.2f}  {message.text}  |  {build[best].text}")
    print(
        f"{near} of {len(held)} messages are nearly one of the other set; mean cosine {likeness.max(axis=1).mean():.2f}"
    )


if __name__ == "__main__":
    main()
