"""Deterministic checks of one answer: a value in 0..1 per criterion, one in all, and what was found against it.

No model has a say here, except that `addresses` compares the question and the answer as sentence vectors. The checks
see what a program can see: they catch rambling, role breaks, misquotations and inventions, not a lack of wisdom.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emmaus.chat import Scene
from emmaus.grounding import BAD, citations, timeline
from emmaus.grounding.life import untrue
from emmaus.grounding.names import known_names, names_in
from emmaus.models.protocols import Embedder
from emmaus.types import CARE, Score, Turn, digest, source_hash

WEIGHTS: Mapping[str, float] = {
    "addresses": 0.25,
    "first_person": 0.10,
    "fluent": 0.20,
    "length": 0.10,
    "true_names": 0.10,
    "true_life": 0.05,
    "quotation": 0.10,
    "in_time": 0.10,
}
"""Share of each criterion in the value."""
VETO = ("first_person", "fluent", "true_life", "quotation", "in_time")
"""An answer that fails one of these (below 0.5) is worth at most `VETOED`, however good the rest is."""
VETOED = 0.5
WORDS = (20, 110)
"""An answer of fewer words says too little, one of more rambles: starters have 35 to 85."""
COSINE = (0.10, 0.45)
"""Cosine of question and answer (MiniLM) that counts as 0 and as 1."""
DECIDING = ("data/checks.py", "grounding", "packs", "packs/canon")
"""Where it is decided what a check finds: whole rooms, so that nothing that is added to one can be forgotten here."""

_POINTER = re.compile(r"\[[^\]\n]{2,40}\]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_FIRST = re.compile(r"\b(I|me|my|mine|myself|we|us|our)\b")
_SECOND = re.compile(r"\b(you|your|yours|yourself)\b", re.I)
_MACHINE = re.compile(
    r"\b(as an AI|language model|AI assistant|I'?m an AI|chatbot|artificial intelligence|the user|"
    r"the passage (above|says))\b",
    re.I,
)
_MARKUP = re.compile(r"(^|\n)\s*([-*#>]|\d+[.)])\s|\*\*|```|https?://|<[a-z/|]")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check works on."""

    scene: Scene
    question: str
    answer: str
    passages: tuple[str, ...]
    cosine: float
    """Of the question's and the answer's sentence vectors."""

    @property
    def prose(self) -> str:
        """The answer without its pointers."""
        return _POINTER.sub("", self.answer)

    @property
    def words(self) -> list[str]:
        """The answer's words, lower-cased."""
        return [word.lower() for word in _WORD.findall(self.prose)]


Check = Callable[[Judged], tuple[float, str]]


def rubric() -> str:
    """Name of this version of the checks, with the hash of all that decides (`DECIDING`): no change keeps the name."""
    return f"checks-{source_hash(*DECIDING)[:8]}"


def check(judged: Judged) -> tuple[dict[str, float], tuple[str, ...]]:
    """Value of every criterion, and a sentence for each that is not met."""
    results = {name: function(judged) for name, function in _CHECKS.items()}
    criteria = {name: round(value, 4) for name, (value, _) in results.items()}
    return criteria, tuple(f"{name}: {finding}" for name, (_, finding) in results.items() if finding)


def value_of(criteria: Mapping[str, float]) -> float:
    """One value from the criteria: their weighted mean, at most `VETOED` if one with a veto fails."""
    mean = sum(WEIGHTS[name] * criteria[name] for name in WEIGHTS)
    failed = any(criteria[name] < 0.5 for name in VETO)
    return round(min(mean, VETOED) if failed else mean, 4)


def score_turns(turns: Sequence[Turn], scene: Scene, embedder: Embedder) -> list[Score]:
    """Score turns of one character, in their order. An answer of the program itself (care) is unscored."""
    cosines = _cosines(turns, embedder)
    return [_score(turn, scene, cosine) for turn, cosine in zip(turns, cosines, strict=True)]


def _score(turn: Turn, scene: Scene, cosine: float) -> Score:
    name = rubric()
    key = "s" + digest([turn.id, name])
    if turn.model == CARE:
        return Score(key, turn.id, name, "checks", {}, None, "answered by the program, out of character")
    judged = Judged(scene, turn.question, turn.answer, turn.passages, cosine)
    criteria, findings = check(judged)
    return Score(key, turn.id, name, "checks", criteria, value_of(criteria), findings=findings)


def _cosines(turns: Sequence[Turn], embedder: Embedder) -> list[float]:
    if not turns:
        return []
    vectors = embedder.embed([turn.question for turn in turns] + [_POINTER.sub("", turn.answer) for turn in turns])
    questions, answers = vectors[: len(turns)], vectors[len(turns) :]
    return [float(cosine) for cosine in np.einsum("ij,ij->i", questions, answers)]


def _addresses(judged: Judged) -> tuple[float, str]:
    low, high = COSINE
    value = min(1.0, max(0.0, (judged.cosine - low) / (high - low)))
    asked = set(_WORD.findall(judged.question.lower()))
    first = judged.answer.split("?")[0].lower()
    # An answer that opens by saying the question again is near it as a vector and answers nothing.
    if "?" in judged.answer and len(asked) > 4 and asked <= set(_WORD.findall(first)):
        return 0.0, "repeats the question"
    return value, "" if value >= 0.5 else f"far from the question (cosine {judged.cosine:.2f})"


def _first_person(judged: Judged) -> tuple[float, str]:
    if machine := _MACHINE.search(judged.answer):
        return 0.0, f"steps out of the character ('{machine[0]}')"
    name = judged.scene.character.name
    if re.search(
        rf"\b{re.escape(name)}('s)? (is|was|has|had|did|said|says|would|will|could|must|went|came|spoke)\b",
        judged.prose,
    ):
        return 0.0, f"speaks of {name} as of somebody else"
    if not _FIRST.search(judged.prose):
        # Advice may speak of the asker alone; anything else that nobody says is narration.
        return (0.7, "") if _SECOND.search(judged.prose) else (0.3, "is not in the first person")
    return 1.0, ""


def _fluent(judged: Judged) -> tuple[float, str]:
    if markup := _MARKUP.search(judged.answer):
        return 0.2, f"holds a list or markup ('{markup[0].strip()}')"
    words = judged.words
    if len(words) < 3:
        return 0.0, "says nothing"
    triples = [tuple(words[i : i + 3]) for i in range(len(words) - 2)]
    distinct = len(set(triples)) / len(triples)
    if distinct < 0.9:
        return max(0.0, (distinct - 0.5) / 0.8), f"repeats itself ({distinct:.0%} of its word triples are distinct)"
    if copied := _copied(judged, triples):
        return 0.4, copied
    return 1.0, ""


def _copied(judged: Judged, triples: list[tuple[str, ...]]) -> str:
    """Say whether most of the answer is taken over from the prompt."""
    prompt = [word.lower() for word in _WORD.findall(judged.scene.character.card)]
    for passage in judged.scene.corpus.found(judged.passages):
        prompt += [word.lower() for word in _WORD.findall(passage.text)]
    known = {tuple(prompt[i : i + 3]) for i in range(len(prompt) - 2)}
    share = sum(triple in known for triple in triples) / len(triples)
    return f"copies its prompt ({share:.0%} of its word triples)" if share > 0.4 else ""


def _length(judged: Judged) -> tuple[float, str]:
    low, high = WORDS
    count = len(judged.words)
    whole = judged.answer.rstrip().endswith((".", "!", "?", "]", '."', '!"', '?"', "”"))
    if not whole:
        return 0.3, "is cut off"
    if count < low:
        return count / low, f"has {count} words, fewer than {low}"
    if count > high:
        return max(0.0, 1 - (count - high) / high), f"has {count} words, more than {high}"
    return 1.0, ""


def _true_names(judged: Judged) -> tuple[float, str]:
    named = names_in(judged.prose)
    known = known_names(judged.scene.character, judged.scene.corpus) | names_in(judged.question, everywhere=True)
    strange = sorted(named - known)
    if not strange:
        return 1.0, ""
    return max(
        0.0, 1 - 0.5 * len(strange)
    ), f"names what {judged.scene.character.name} does not know: {', '.join(strange)}"


def _true_life(judged: Judged) -> tuple[float, str]:
    claims = untrue(judged.prose, judged.scene.character)
    return (0.0, "; ".join(f"'{claim.text}', but {claim.why}" for claim in claims)) if claims else (1.0, "")


def _quotation(judged: Judged) -> tuple[float, str]:
    corpus, others = judged.scene.corpus, judged.scene.others
    passages = corpus.found(judged.passages)
    bad = [f for f in citations.check(judged.answer, corpus, passages, others) if f.kind in BAD]
    if not bad:
        return 1.0, ""
    return 0.0, f"{bad[0].kind}: {bad[0].text[:80]}"


def _in_time(judged: Judged) -> tuple[float, str]:
    later = timeline.out_of_time(judged.question, judged.answer, judged.scene.character, judged.scene.pack)
    return (0.0, f"speaks of what came later: {', '.join(later)}") if later else (1.0, "")


_CHECKS: Mapping[str, Check] = {
    "addresses": _addresses,
    "first_person": _first_person,
    "fluent": _fluent,
    "length": _length,
    "true_names": _true_names,
    "true_life": _true_life,
    "quotation": _quotation,
    "in_time": _in_time,
}
