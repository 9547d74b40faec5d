"""A question and its vector, embedded once for all that look for something like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emmaus.errors import EmmausError, ModelError
from emmaus.grounding.vectors import Floats, unit
from emmaus.models.protocols import Embedder

LONGEST = 1500
"""Characters of a question that are embedded: a model of this kind reads no further than some 256 tokens."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question as an embedder has it."""

    text: str
    embedder: str
    """Name of the embedder."""
    vector: Floats | None
    """None where the embedder failed: then words alone answer, and nothing is recalled."""
    fault: str = ""
    """Why it failed."""


def ask(question: str, embedder: Embedder) -> Asked:
    """Embed a question; what fails is told in `fault`."""
    try:
        return Asked(question, embedder.name, embedded([tidy(question)], embedder)[0])
    except EmmausError as error:
        return Asked(question, embedder.name, None, str(error))


def vectors(questions: Sequence[str | Asked], embedder: Embedder) -> Floats:
    """Give the vectors of questions in the space of this embedder, shape (questions, dimensions).

    Raises:
        ModelError: the embedder fails, or failed when it was asked before.
    """
    known = [one for one in questions if isinstance(one, Asked) and one.embedder == embedder.name]
    if not known or len(known) < len(questions):
        return embedded([tidy(one.text if isinstance(one, Asked) else one) for one in questions], embedder)
    rows = [one.vector for one in known if one.vector is not None]
    if len(rows) < len(known):
        raise ModelError(next(one.fault for one in known if one.vector is None))
    return np.stack(rows)


def embedded(texts: Sequence[str], embedder: Embedder, dimensions: int | None = None) -> Floats:
    """Give unit vectors of texts, of any length or of this one.

    Raises:
        ModelError: the embedder fails, or what it gives are no such vectors.
    """
    found = np.asarray(embedder.embed(texts))
    shape = (len(texts), dimensions or (found.shape[1] if found.ndim == 2 else 0))
    if found.shape != shape or not shape[1] or not np.isfinite(found).all():
        raise ModelError(
            f"the embedder {embedder.name} gave vectors of shape {found.shape} for {len(texts)} texts, "
            f"expected {shape} finite numbers: is it an embedding model, and the same one as before?"
        )
    return unit(found)


def tidy(question: str) -> str:
    """Give what of a question is embedded: its beginning, without what is no character."""
    return question[:LONGEST].encode("utf-8", "replace").decode()
