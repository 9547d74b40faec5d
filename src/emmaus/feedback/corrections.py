"""What an answer that somebody writes in place of a character's must be, whoever writes it: a reader or a reviewer."""

from emmaus.chat import Scene
from emmaus.errors import BadInput
from emmaus.grounding import BAD, citations
from emmaus.packs import knows
from emmaus.types import Turn

LONGEST = 4000
"""Characters of a reason or a corrected answer."""


def check_length(text: str) -> None:
    """Refuse a reason or a correction of more than `LONGEST` characters.

    Raises:
        BadInput: it has more.
    """
    if len(text) > LONGEST:
        raise BadInput(f"the text has {len(text):,} characters, at most {LONGEST:,} are kept: shorten it")


def check_correction(scene: Scene, turn: Turn, correction: str) -> None:
    """Refuse a corrected answer that would teach a false citation.

    Raises:
        BadInput: it quotes what stands nowhere, or points at what the character cannot know.
    """
    corpus = scene.corpus
    for finding in citations.check(correction, corpus, corpus.found(turn.passages), scene.others):
        if finding.kind in BAD:
            fix = (
                "point at a verse that exists"
                if finding.kind == "nonexistent" and not finding.shown
                else "quote exactly, or without marks"
            )
            where = ", ".join(one.translation for one in (corpus, *scene.others))
            raise BadInput(f"not kept: {finding.text[:80]!r} stands nowhere in {where}; {fix}")
    for reference in citations.pointers(correction, corpus):
        if not knows(scene.character, reference, corpus):
            raise BadInput(f"not kept: {scene.character.name} cannot know {reference}; point at another verse")
