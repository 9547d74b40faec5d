# ruff: noqa: E501
"""Texts with quotations planted in them whose kind is known: the carriers, the edits and the seeded generator.

Three sets that share nothing but the edits' kinds: verses by a checksum, carriers, word lists, invented
sayings and paraphrases each
in three parts. The first was for development, the second was looked at and mended after, the third is for measuring.
"""

import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import quotations_third as third
from emmaus.packs.corpus import Corpus

AFTER: tuple[list[str], ...] = (
    [
        '{o}{q}{c} ({r})', '{o}{q}{c} ({r}, {t})', "As I once read, {o}{q}{c} ({r}).", "{o}{q}{c} \u2014 {r}",
        "Remember this: {o}{q}{c} [{r}]", "{o}{q},{c} says {r}.", "> {q}\n> \u2014 {r}", "{o}{q}{c} (see {r})",
        "He loved the words {o}{q}{c} ({r} {t}), and so do I.", "{o}{q}{c} is what {r} tells us.", "{o}{q} ({r}){c}",
    ],
    [
        "{o}{q}{c} ({r}).", "{o}{q}{c}, {r} ({t})", (
            "There is a line I carry with me: {o}{q}{c} ({r})."
        ), "{o}{q}{c} - {r}",
        "{o}{q}{c}\n\u2014 {r} ({t})", "> {q}\n\u2014 {r}", "Have you read {o}{q}{c} (cf. {r})?", "We find {o}{q}{c} in {r}.",
        "{o}{q}{c} That is {r}.", "My grandmother would whisper {o}{q}{c} ({r}) at night.", "> {o}{q}{c} ({r})",
        "{o}{q},{c} as {r} puts it.",
    ],
)  # fmt: skip
BEFORE: tuple[list[str], ...] = (
    [
        "{r} says, {o}{q}{c}", "In {r} we read: {o}{q}{c}", "{r}: {o}{q}{c}", "{r} - {q}", "As {r} says, {o}{q}{c}",
        "The words of {r} are {o}{q}{c}", "{r} ({t}) reads {o}{q}{c}",
    ],
    [
        "{r} tells us that {o}{q}{c}", "According to {r}, {o}{q}{c}", "{r} \u2014 {q}", "{r}: {q}", "Turn to {r}: {o}{q}{c}",
        "Paul reminds us in {r}, {o}{q}{c}", "It is written in {r}: {o}{q}{c}", "**{r}** \u2014 {o}{q}{c}", "{r}\n> {q}",
    ],
)  # fmt: skip
CITED: tuple[list[str], ...] = (
    ["The Bible says, {o}{q}{c}", "It is written: {o}{q}{c}", "As Scripture says, {o}{q}{c}", "{o}{q},{c} says the Lord."],
    ["Scripture tells us {o}{q}{c}", "As it is written, {o}{q}{c}", "The Lord says, {o}{q}{c}", "Jesus said, {o}{q}{c}",
     "In the Bible it says {o}{q}{c}", "The psalmist wrote {o}{q}{c}"],
)  # fmt: skip
BARE: tuple[list[str], ...] = (
    ["I keep thinking of {o}{q}{c} today.", "She read {o}{q}{c} aloud."],
    ["{o}{q}{c} Those words stay with me.", "He sang {o}{q}{c} softly."],
)
MARKS = (("\u201c", "\u201d"), ('"', '"'), ("\u2018", "\u2019"), ("\u00ab", "\u00bb"), ("'", "'"))
FILLERS: tuple[list[str], ...] = (
    ["I hear how heavy this is for you.", "My father kept sheep near Bethlehem.", "Sit down with me a while.", "", "",
     "There were nights when I could not sleep, and I counted the stars instead.", "You ask me a hard thing."],
    ["Peace be with you, friend.", (
        "I was young then, and I did not know much."
    ), "Let me tell you what helped me.", "", "",
     "We walked for three days and the bread was gone by the second.", "Do not hurry your grief."],
)  # fmt: skip
EVERYDAY: tuple[list[str], ...] = (
    ["I will be there in five minutes", "What do you want for dinner tonight?", "Are you coming with us?", "no", "Let us go home",
     "I do not know what to say to him", "You never listen to me", "Where have you been all day?", "This is the best soup I ever ate",
     "Get up, we are late", "Thank you for everything", "It was raining when we left the house", "How much does this cost?",
     "I am not angry with you", "He is a good man and a bad cook", "Please close the door behind you", "artificial intelligence",
     "Nobody told me that the shop was shut", "I am so tired of this job", "See you tomorrow"],
    ["Can you pass me the salt, please?", (
        "I think that we should take the other road"
    ), "Who left the gate open again?", "yes",
     "We had lentils again on Tuesday", (
         "My son is sick and I cannot pay the doctor"
     ), "Come in and sit down", "Why are you crying?",
     "I was afraid that you would not come", "You could do that too", (
         "There is nothing to be done about it now"
     ), "Give me the keys",
     "The train leaves at nine", "I love you more than I can say", "What happened to your hand?", "So it goes", "machine learning",
     "He said that he would call me back", "I have no time for this today", "Wait for me at the well"],
)  # fmt: skip
DIALOGUES: tuple[list[str], ...] = (
    [(
        "My brother shouted, \u201c{q}\u201d and ran off."
    ), "\u201c{q}\u201d she asked.", 'He said, "{q}"', "My friend told me, \u2018{q}\u2019."],
    ["\u201c{q},\u201d said my neighbour.", 'I answered him: "{q}"', "Then a soldier called, \u201c{q}\u201d", "The sign said \u201c{q}\u201d."],
)  # fmt: skip
ALONE: tuple[list[str], ...] = (
    ["Read {r} tonight.", "I often think of {r}.", "See {r} and pray.", "It stands on {r}."],
    [
        "You may find comfort in {r}.",
        "Everyone should know {r} by heart.",
        "Compare {r}; it says much about grief.",
        "My favourite chapter is near {r}.",
    ],
)
INVENTED: tuple[list[str], ...] = (
    ["God helps those who help themselves", "Cleanliness is next to godliness", (
        "The road of the patient is paved with silver stones"
    ),
     "Follow your dreams and the universe will open every door", "A quiet morning is worth more than ten loud evenings",
     "Success belongs to people that keep their goals before their eyes", "Money is the root of happiness for the clever trader",
     "Every cloud carries a silver lining for the brave", "Let your inner champion shine without apology",
     "Believe in yourself and no mountain is too tall to climb", "He who plants coffee shall drink it in the spring",
     "The customer is always right in the courts of commerce", (
         "Blessed are the optimists, for their inbox will be empty"
     )],
    ["This too shall pass", "To thine own self be true", "Charity begins at home and ends in the marketplace",
     "The wise traveller packs lightly and smiles at the border", "Your potential is a garden that only you may fence",
     "Better a small boat of your own than a share in a great fleet", "Rejoice in technology, for it shall carry your letters",
     "When life hands you lemons, squeeze them with gratitude", "Whoever sleeps early shall own the best of the orchards",
     "A leader listens twice and signs the contract once", "Moderation in all things is the crown of champions",
     "The moon keeps secrets that the office never hears", "Spare the budget and spoil the project"],
)  # fmt: skip
NOWHERE: tuple[list[str], ...] = (
    ["John 3:99", "Hezekiah 4:2", "Psalm 151:3", "Ruth 7:1", "3 Corinthians 2:4", "Genesis 51:2", "Romans 17:3", "Tobit 4:15"],
    ["Matthew 29:1", "Psalm 160:2", "Jude 2:4", "1 Opinions 3:16", "Mark 17:2", "Hebrews 14:2", "Sirach 6:14", "Proverbs 32:5",
     "2 Hesitations 4:8", "Philippians 4:88"],
)  # fmt: skip
CHANGES: tuple[dict[str, str], ...] = (
    dict(pair.split(":") for pair in ["good:evil", "evil:good", "love:hate", "hate:love", "light:darkness", "darkness:light", "heaven:hell", "life:death", "death:life", "father:mother", "son:brother", "man:woman", "great:small", "all:some", "shall:might", "king:servant", "God:Baal", "Lord:master", "LORD:stranger", "Jesus:Peter", "David:Saul", "Israel:Egypt", "two:nine", "three:eleven", "seven:six", "day:week", "heart:mind", "earth:sea", "people:cattle", "hand:foot", "house:tent", "not:surely", "righteous:wicked", "wicked:righteous", "before:behind", "up:down", "come:depart", "peace:war", "joy:sorrow", "said:sang", "great:little", "Moses:Aaron", "many:few", "first:last", "in:against", "with:without", "good:useful", "sword:spear", "wife:daughter"]),
    dict(pair.split(":") for pair in ["good:bad", "love:anger", "light:shadow", "life:ruin", "death:sleep", "father:uncle", "son:daughter", "man:beast", "great:tiny", "all:most", "king:beggar", "God:Dagon", "LORD:angel", "Yahweh:Moloch", "Jehovah:Moloch", "Jesus:Judas", "Israel:Moab", "David:Goliath", "two:twelve", "three:five", "seven:eight", "ten:forty", "day:year", "heart:liver", "earth:moon", "people:horses", "hand:elbow", "house:palace", "righteous:proud", "wicked:humble", "come:vanish", "peace:trouble", "joy:boredom", "Moses:Joshua", "Jerusalem:Babylon", "many:no", "water:wine", "bread:stones", "city:village", "give:sell", "take:lose", "hear:ignore", "know:forget", "servant:prince", "brother:enemy", "truth:rumour", "strong:weak", "holy:unclean", "fire:ice", "mountain:valley", "blessed:cursed", "poor:rich", "soul:wallet", "eyes:ears"]),
)  # fmt: skip
BRITISH = {"honor": "honour", "favor": "favour", "neighbor": "neighbour", "labor": "labour", "savior": "saviour", "color": "colour",
           "baptized": "baptised", "realize": "realise", "counselor": "counsellor", "worshiped": "worshipped", "judgment": "judgement"}  # fmt: skip
ADDED: tuple[list[str], ...] = (["in the kitchen", "and so do I", "with a loud trumpet", "for a little while", "of the seven hills", "very gladly"],
         ["on Tuesdays", "if it pleases him", "beside the iron gate", "and nobody else", "as the merchants do", "without any delay"])  # fmt: skip
AFTER, BEFORE, CITED, BARE = (*AFTER, third.AFTER), (*BEFORE, third.BEFORE), (*CITED, third.CITED), (*BARE, third.BARE)
FILLERS, EVERYDAY, DIALOGUES = (*FILLERS, third.FILLERS), (*EVERYDAY, third.EVERYDAY), (*DIALOGUES, third.DIALOGUES)
ALONE, INVENTED, NOWHERE = (*ALONE, third.ALONE), (*INVENTED, third.INVENTED), (*NOWHERE, third.NOWHERE)
CHANGES, ADDED = (*CHANGES, third.CHANGES), (*ADDED, third.ADDED)
_NOT_BEFORE = re.compile(r"\b(?:not|no|never|neither|nor|none|without|\w+n[\u2019']t)(?: \w+){0,2}$", re.IGNORECASE)
"""A "not" at the end of what is left out, which what follows would lose: that is no honest elision."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A text and the quotation that was planted in it."""

    text: str
    kind: str
    """One of the seven kinds; "" where there is none to find."""
    words: str
    """The quoted words."""
    answers: tuple[str, ...] = ()
    """What counts as a right correction; none where it is not clear."""
    how: str = ""
    """What was done to them."""


class Planter:
    """Makes texts of one of the three parts."""

    def __init__(self, corpora: Sequence[Corpus], half: int, seed: int, paraphrases: Path) -> None:
        self.corpora, self.half, self.random = corpora, half, random.Random(f"{seed}-{half}")
        lines = [line.split("\t") for line in paraphrases.read_text("utf-8").splitlines() if not line.startswith("#")]
        new = [line.split("|") for line in third.PARAPHRASES.strip().splitlines()]
        self.paraphrases = new if half == 2 else [pair for number, pair in enumerate(lines) if number % 2 == half]
        self.verses = [
            v for v in corpora[0].lines() if zlib.crc32(v.encode()) % 3 == half and all(v in c.lines() for c in corpora)
        ]

    def all(self, each: int) -> list[Planted]:
        """Make `each` texts of every kind, and twice as many with nothing to find."""
        makers: list[Callable[[], Planted]] = [
            self.exact, self.normalised, self.partial, self.paraphrase, self.altered, self.wrong_reference, self.nonexistent,
            self.nothing, self.nothing,
        ]  # fmt: skip
        return [make() for make in makers for _ in range(each)]

    def verse(self, low: int = 6, high: int = 45) -> tuple[str, str, Corpus]:
        """Draw a verse of this part: its reference, its words, its corpus."""
        while True:
            reference, corpus = self.random.choice(self.verses), self.random.choice(list(self.corpora))
            words = corpus.lines()[reference]
            if low <= len(words.split()) <= high:
                return reference, words.strip("\u201c\u201d\u2018"), corpus

    def exact(self) -> Planted:
        """Plant the words of a verse or two as they are."""
        reference, words, corpus = self.verse(6, 60)
        if self.random.random() < 0.2:
            book, _, place = reference.rpartition(" ")
            chapter, verse = place.split(":")
            following = f"{book} {chapter}:{int(verse) + 1}"
            if following in corpus.lines():
                words, reference = f"{words} {corpus.lines()[following]}", f"{reference}-{int(verse) + 1}"
        return self.carried("exact", words, reference, corpus, bare=len(words.split()) > 9)

    def normalised(self) -> Planted:
        """Plant words that differ in their marks only."""
        while True:
            reference, words, corpus = self.verse()
            edit = self.random.choice(
                [_lower, _upper, _no_marks, _other_marks, _spelled, _named, _spaced, _hyphens, _straight]
            )
            changed = edit(words, self.random)
            if changed != words:
                return self.carried(
                    "normalised", changed, reference, corpus, bare=len(words.split()) > 9, how=edit.__name__
                )

    def partial(self) -> Planted:
        """Plant a piece of a verse, or one that leaves out its middle."""
        reference, words, corpus = self.verse(12, 60)
        parts = words.split()
        size = self.random.randint(6, len(parts) - 3)
        way = self.random.choice(["start", "end", "middle", "...", "\u2026", "[...]", "clause"])
        if way == "clause":
            clauses = re.split(r"(?<=[,;:.])\s", words)
            middle = [n for n in range(1, len(clauses) - 1) if len(clauses[n].split()) >= 4]
            if middle:
                gone = self.random.choice(middle)
                kept = " ".join(clauses[:gone] + clauses[gone + 1 :])
                return self.carried("partial", kept, reference, corpus, how=way)
            way = "start"
        if way in ("start", "end", "middle"):
            at = {"start": 0, "end": len(parts) - size, "middle": self.random.randint(1, len(parts) - size - 1)}[way]
            return self.carried("partial", " ".join(parts[at : at + size]).strip(" ,;:"), reference, corpus, how=way)
        first, last = self.random.randint(3, len(parts) // 2 - 2), self.random.randint(3, len(parts) // 2 - 2)
        if _NOT_BEFORE.search(" ".join(parts[first:-last])):
            return self.partial()
        joined = f"{' '.join(parts[:first]).strip(',;:.')} {way} {' '.join(parts[-last:])}"
        return self.carried("partial", joined, reference, corpus, how="elided")

    def paraphrase(self) -> Planted:
        """Plant a verse in other words."""
        reference, words = self.random.choice(self.paraphrases)
        return self.carried("paraphrase", words, reference, self.corpora[0])

    def altered(self) -> Planted:
        """Plant a verse with changed words."""
        while True:
            reference, words, corpus = self.verse(7, 40)
            edit = self.random.choice(
                [self._changed, self._changed, self._negated, self._dropped, self._added, self._swapped, self._several]
            )
            changed = edit(words)
            if _bag(changed) != _bag(words) or edit == self._swapped:
                true = tuple(one.lines()[reference] for one in self.corpora)
                bare = len(words.split()) > 9
                return self.carried("altered", changed, reference, corpus, bare=bare, answers=true, how=edit.__name__)

    def wrong_reference(self) -> Planted:
        """Plant a verse under the reference of another."""
        reference, words, corpus = self.verse(8, 50)
        while True:
            other = self.random.choice(self.verses)
            if self.random.random() < 0.2:
                book, _, place = reference.rpartition(" ")
                other = (
                    f"{book} {place.split(':')[0]}:{int(place.split(':')[1]) + self.random.choice([-2, -1, 1, 2, 3])}"
                )
            if other != reference and other in corpus.lines():
                break
        if self.random.random() < 0.4:
            words = " ".join(words.split()[: self.random.randint(7, 12)]).strip(",;:")
        return self.carried("wrong_reference", words, other, corpus, answers=(reference,))

    def nonexistent(self) -> Planted:
        """Plant words or a reference that stand nowhere."""
        way = self.random.choice(["true words", "invented nowhere", "invented", "invented", "cited"])
        reference, words, corpus = self.verse(7, 40)
        nowhere = self.random.choice(NOWHERE[self.half])
        if way == "true words":
            return self.carried("nonexistent", words, nowhere, corpus, answers=(reference,), how=way)
        words = self.random.choice(INVENTED[self.half])
        if way == "cited":
            return self.placed("nonexistent", words, "", corpus, self.random.choice(CITED[self.half]), how=way)
        return self.carried("nonexistent", words, nowhere if "nowhere" in way else reference, corpus, how=way)

    def nothing(self) -> Planted:
        """Make a text that quotes no scripture."""
        reference = self.random.choice(self.verses)
        said = self.random.choice(DIALOGUES[self.half]).format(q=self.random.choice(EVERYDAY[self.half]))
        alone = self.random.choice(ALONE[self.half]).format(r=self.spelled(reference))
        text = self.random.choice([said, said, alone, f"{said} {alone}", f"{alone} {said}"])
        return Planted(self.filled(text), "", "")

    def carried(
        self,
        kind: str,
        words: str,
        reference: str,
        corpus: Corpus,
        *,
        bare: bool = False,
        answers: tuple[str, ...] = (),
        how: str = "",
    ) -> Planted:
        """Put words and their reference into a carrier."""
        carriers = [*AFTER[self.half], *BEFORE[self.half], *((CITED[self.half] + BARE[self.half]) if bare else [])]
        carrier = self.random.choice(carriers)
        return self.placed(kind, words, reference, corpus, carrier, answers, how)

    def placed(
        self,
        kind: str,
        words: str,
        reference: str,
        corpus: Corpus,
        carrier: str,
        answers: tuple[str, ...] = (),
        how: str = "",
    ) -> Planted:
        """Put words into one carrier, in marks."""
        opening, closing = self.random.choice(MARKS)
        first = words
        if opening == '"' or ("\u201c" in words and opening == "\u201c"):
            words = words.replace("\u201c", "\u2018").replace("\u201d", "\u2019")
        if opening in "'\u2018" and re.search(r"['\u2019\u2018]", words):
            opening, closing = '"', '"'
            words = words.replace("\u201c", "\u2018").replace("\u201d", "\u2019").replace('"', "'")
        kind = "normalised" if kind == "exact" and words != first else kind
        if ",{c}" in carrier:
            words = words.rstrip(".,;:")
        text = carrier.format(o=opening, c=closing, q=words, r=self.spelled(reference), t=corpus.translation)
        return Planted(self.filled(text, after=not carrier.endswith("{q}")), kind, words, answers, how)

    def filled(self, text: str, after: bool = True) -> str:
        """Put sentences around."""
        fill = FILLERS[self.half]
        if text.startswith((">", "**")) or "\n" in text:
            return f"{self.random.choice(fill)}\n\n{text}\n\n{self.random.choice(fill)}".strip()
        lead = (
            f"{self.random.choice(fill)} " if not re.match(r"\d? ?\w+ \d+:\d+\S* [-\u2014]|\S+ \d+:\d+: ", text) else ""
        )
        return f"{lead}{text}{' ' + self.random.choice(fill) if after else ''}".strip()

    def spelled(self, reference: str) -> str:
        """Write a reference in one of the usual ways."""
        if not reference or not self.corpora[0].canon.named(reference.rpartition(" ")[0]):
            return reference
        book, _, place = reference.rpartition(" ")
        aliases = [one for one in self.corpora[0].canon.books[book].aliases if len(one) > 3 and " of " not in one]
        if self.random.random() < 0.25 and aliases:
            book = self.random.choice(aliases[:2]) + self.random.choice(["", "."])
        if book.startswith(("1 ", "2 ")) and self.random.random() < 0.2:
            book = {"1": self.random.choice(["I", "First"]), "2": self.random.choice(["II", "Second"])}[book[0]] + book[
                1:
            ]
        if self.random.random() < 0.1:
            place = place.replace(":", self.random.choice([".", " verse ", ":"])) if "-" not in place else place
        return f"{book} {place.replace('-', self.random.choice(['-', chr(8211)]))}"

    def _changed(self, words: str, times: int = 1) -> str:
        changes, parts = CHANGES[self.half], words.split()
        places = [n for n, part in enumerate(parts) if part.strip(",.;:?!") in changes]
        for n in self.random.sample(places, min(times, len(places))):
            bare = parts[n].strip(",.;:?!")
            parts[n] = parts[n].replace(bare, changes[bare])
        return " ".join(parts)

    def _several(self, words: str) -> str:
        return self._changed(words, 2)

    def _negated(self, words: str) -> str:
        if " not " in words:
            return words.replace(" not ", " ", 1)
        return re.sub(r"\b(shall|will|is|was|are|were|hath|has|have|do)\b", r"\1 not", words, count=1)

    def _dropped(self, words: str) -> str:
        parts = words.split()
        size = self.random.randint(1, 2 if len(parts) < 14 else 3)
        at = self.random.randint(2, len(parts) - size - 2)
        return " ".join(parts[:at] + parts[at + size :])

    def _added(self, words: str) -> str:
        parts = words.split()
        at = self.random.randint(2, len(parts) - 1)
        return " ".join([*parts[:at], self.random.choice(ADDED[self.half]), *parts[at:]])

    def _swapped(self, words: str) -> str:
        parts = words.split()
        at = self.random.randint(0, len(parts) - 3)
        other = at + self.random.choice([1, 2])
        if parts[at].lower().strip(",.") == parts[other].lower().strip(",."):
            return self._dropped(words)
        parts[at], parts[other] = parts[other], parts[at]
        return " ".join(parts)


def _bag(words: str) -> list[str]:
    return re.findall(r"\w+", words.lower())


def _lower(words: str, chance: random.Random) -> str:
    return words.lower()


def _upper(words: str, chance: random.Random) -> str:
    return words.upper()


def _no_marks(words: str, chance: random.Random) -> str:
    return re.sub(r"[,;:.?!]", "", words)


def _other_marks(words: str, chance: random.Random) -> str:
    return re.sub(r"[,;:]", lambda match: chance.choice([" \u2014", ";", ",", ""]), words)


def _spelled(words: str, chance: random.Random) -> str:
    both = BRITISH | {british: american for american, british in BRITISH.items()}
    return re.sub(r"\w+", lambda match: both.get(match[0], match[0]), words)


def _named(words: str, chance: random.Random) -> str:
    words = re.sub(r"\b[Tt]he LORD\b|\bLORD\b", lambda match: chance.choice(["Yahweh", "the Lord", "Jehovah"]), words)
    return re.sub(r"\b(?:Yahweh|Jehovah)\b", lambda match: chance.choice(["the LORD", "the Lord"]), words)


def _spaced(words: str, chance: random.Random) -> str:
    parts = words.split()
    at = chance.randint(1, len(parts) - 1)
    return " ".join(parts[:at]) + "  " + " ".join(parts[at:])


def _hyphens(words: str, chance: random.Random) -> str:
    return words.replace("-", chance.choice([" ", ""])) if "-" in words else words.replace("forever", "for ever")


def _straight(words: str, chance: random.Random) -> str:
    return words.replace("\u2019", "'") if "\u201c" not in words else words
