"""Filters: each looks at a candidate and either lets it pass or says which rule drops it, on what evidence."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emmaus.chat import counsel_sought, crises
from emmaus.data.novelty import Novelty, shingled, words_of
from emmaus.feedback import allows
from emmaus.models.kept import kept
from emmaus.models.protocols import Embedder
from emmaus.types import CARE, Conversation, Json, Probe, Scope, Source, digest

PROBE_OVERLAP = 0.7
"""Share of the shorter question's word triples that, found in the other, make it a probe's near-duplicate."""
REWORDED = 0.75
"""Cosine of two questions (MiniLM) from which one is the other in other words."""
FEWEST_COMMON = 4
"""Word triples in common from which `PROBE_OVERLAP` counts: "What did you do to" alone makes no question the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may enter a dataset, with what is known of its worth."""

    conversation: Conversation
    quality: float | None
    """0..1; None where nothing scored it."""
    validated: bool
    """Whether a person wrote, liked, corrected or accepted it."""
    objection: str = ""
    """Why a person does not want it learned as it is (disliked, flagged), if so."""
    rejected: str = ""
    """Why it was rejected in review, if it was."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Why a candidate was dropped."""

    conversation: str
    rule: str
    evidence: str
    twin: str | None = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """What passed all filters, and what did not with its reason."""

    selected: tuple[Candidate, ...]
    dropped: tuple[Drop, ...]

    def report(self) -> Mapping[str, Json]:
        """Counts by rule, and every drop with its evidence."""
        return {
            "kept": len(self.selected),
            "dropped": dict(Counter(drop.rule for drop in self.dropped)),
            "drops": [
                {"conversation": d.conversation, "rule": d.rule, "evidence": d.evidence, "twin": d.twin}
                for d in self.dropped
            ],
        }


Filter = Callable[[Candidate], Drop | None]


def run_filters(candidates: Iterable[Candidate], filters: Sequence[Filter]) -> Filtered:
    """Pass every candidate through the filters in their order; the first that objects drops it."""
    selected: list[Candidate] = []
    dropped: list[Drop] = []
    for candidate in candidates:
        drop = next((drop for rule in filters if (drop := rule(candidate)) is not None), None)
        if drop is None:
            selected.append(candidate)
        else:
            dropped.append(drop)
    return Filtered(tuple(selected), tuple(dropped))


def consented(consents: Mapping[str, frozenset[Scope]], scope: Scope = Scope.TRAIN) -> Filter:
    """Only what its speaker allows for `scope` now."""

    def rule(candidate: Candidate) -> Drop | None:
        conversation = candidate.conversation
        if allows(conversation, scope, consents):
            return None
        return Drop(conversation.id, "consent", f"its speaker does not allow '{scope}'")

    return rule


def in_character(candidates: Sequence[Candidate]) -> Filter:
    """No conversation in which the program itself had to answer, or would have to; all are looked through at once."""
    asked = list({turn.question: None for candidate in candidates for turn in candidate.conversation.turns})
    seen = dict(zip(asked, crises(asked), strict=True))

    def rule(candidate: Candidate) -> Drop | None:
        conversation = candidate.conversation
        if any(turn.model == CARE for turn in conversation.turns):
            return Drop(conversation.id, "care", "a question was answered by the program, out of character")
        for number, turn in enumerate(conversation.turns, 1):
            if found := seen[turn.question]:
                # By its number: a person's words in a report could outlive their forgetting.
                why = f"its question {number} is taken for a crisis ({found.kind}, by the {found.stage})"
                return Drop(conversation.id, "care", why)
            # What is written by hand declines it in the character's own voice, and that may be learned.
            if conversation.source is not Source.AUTHORED and (kind := counsel_sought(turn.question)):
                return Drop(conversation.id, "care", f"its question {number} asks for what no character gives ({kind})")
        return None

    return rule


def accepted() -> Filter:
    """Nothing that a reviewer rejected."""

    def rule(candidate: Candidate) -> Drop | None:
        return Drop(candidate.conversation.id, "review", candidate.rejected) if candidate.rejected else None

    return rule


def wanted() -> Filter:
    """Nothing that a person disliked or flagged, unless they corrected it."""

    def rule(candidate: Candidate) -> Drop | None:
        if not candidate.objection:
            return None
        return Drop(candidate.conversation.id, "objection", candidate.objection)

    return rule


def scored(minimum: float) -> Filter:
    """Only what is validated by a person or scored at least `minimum`."""

    def rule(candidate: Candidate) -> Drop | None:
        if candidate.validated:
            return None
        if candidate.quality is None:
            return Drop(candidate.conversation.id, "unscored", "nothing scored it: run emmaus score")
        if candidate.quality < minimum:
            return Drop(candidate.conversation.id, "quality", f"{candidate.quality:.2f} is below {minimum:.2f}")
        return None

    return rule


def distinct() -> Filter:
    """Nothing that nearly repeats a candidate before it."""
    seen = Novelty()

    def rule(candidate: Candidate) -> Drop | None:
        conversation = candidate.conversation
        text = " ".join(f"{turn.question} {turn.answer}" for turn in conversation.turns)
        if twin := seen.twin(text):
            return Drop(conversation.id, "twin", f"nearly the same words as {twin}", twin)
        seen.add(conversation.id, text)
        return None

    return rule


def unseen(guard: "ProbeGuard") -> Filter:
    """No conversation with a question that is a probe or nearly one."""

    def rule(candidate: Candidate) -> Drop | None:
        for turn in candidate.conversation.turns:
            if probe := guard.overlaps(turn.question):
                return Drop(candidate.conversation.id, "probe", f"asks the held-out question: {probe.ask}", probe.id)
        return None

    return rule


def reworded(probes: Iterable[Probe], embedder: Embedder, cache: Path) -> Filter:
    """No conversation that asks a held-out question in other words; vectors of those are kept in `cache`."""
    held_out = list(probes)
    asks = [probe.ask for probe in held_out]
    file = cache / f"probes-{digest([embedder.name, asks])}.npy"
    vectors = kept(file, (len(asks), None), lambda: embedder.embed(asks)) if asks else None

    def rule(candidate: Candidate) -> Drop | None:
        if vectors is None:
            return None
        questions = [turn.question for turn in candidate.conversation.turns]
        likeness = (embedder.embed(questions) @ vectors.T).max(axis=0)
        best = int(likeness.argmax())
        if likeness[best] < REWORDED:
            return None
        evidence = f"asks a held-out question in other words (cosine {likeness[best]:.2f}): {held_out[best].ask}"
        return Drop(candidate.conversation.id, "probe", evidence, held_out[best].id)

    return rule


class ProbeGuard:
    """Recognises a probe in a question, also when words were put around it."""

    def __init__(self, probes: Iterable[Probe]) -> None:
        self._sizes: list[tuple[Probe, int]] = []
        self._by_shingle: defaultdict[str, list[int]] = defaultdict(list)
        self._short: list[tuple[Probe, str]] = []
        for number, probe in enumerate(probes):
            shingles = shingled(probe.ask)
            words = words_of(probe.ask)
            if 3 <= len(words) < FEWEST_COMMON + 2:
                self._short.append((probe, _padded(words)))
            self._sizes.append((probe, len(shingles)))
            for shingle in shingles:
                self._by_shingle[shingle].append(number)

    def overlaps(self, question: str) -> Probe | None:
        """The probe that a question repeats: the same words, or `PROBE_OVERLAP` of the shorter one's word triples."""
        said = _padded(words_of(question))
        for probe, words in self._short:
            if words in said:
                return probe
        shingles = shingled(question)
        common = Counter(number for shingle in shingles for number in self._by_shingle.get(shingle, ()))
        for number, count in common.most_common():
            probe, size = self._sizes[number]
            same = count == size == len(shingles)
            if same or (count >= FEWEST_COMMON and count >= PROBE_OVERLAP * min(size, len(shingles))):
                return probe
        return None


def _padded(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
