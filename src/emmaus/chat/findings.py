"""What the checks find in an answer when it is given, as it is stored with the turn."""

from collections.abc import Sequence

from emmaus.chat.scene import Scene
from emmaus.grounding.citations import check
from emmaus.grounding.life import untrue
from emmaus.grounding.timeline import out_of_time
from emmaus.types import Finding


def findings(scene: Scene, question: str, answer: str, passages: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Check the quotations of an answer, what it claims of the character's life, and what came after their days.

    `passages` are the references that stood in the prompt.
    """
    mended = check(answer, scene.corpus, scene.corpus.found(passages), scene.others)
    found = [Finding("quotation", one.kind, one.text, one.correction or "") for one in mended]
    found += [Finding("life", claim.kind, claim.text, claim.why) for claim in untrue(answer, scene.character)]
    later = out_of_time(question, answer, scene.character, scene.pack)
    found += [Finding("time", "later", term, f"beyond the days of {scene.character.name}") for term in later]
    return tuple(found)
