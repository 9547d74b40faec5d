"""One turn: retrieve what the question stands on, render, answer."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from emmaus.chat.care import Crisis, crisis
from emmaus.chat.findings import findings
from emmaus.chat.helplines import help_text
from emmaus.chat.render import Prompt, prompt_hash, render
from emmaus.chat.scene import Scene
from emmaus.errors import BadInput, ModelError
from emmaus.models.protocols import ChatModel, Sampling
from emmaus.types import CARE, Turn, digest

LONGEST_QUESTION = 6000
"""Characters. A longer question would push the passages out of the context window of small models."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A character who can answer: the scene, and a model to speak through."""

    scene: Scene
    model: ChatModel
    adapter: str | None = None
    """Id of the adapter to speak through; None is the bare base model."""
    clock: Callable[[], float] = time.time
    help: Callable[[Crisis], str] = help_text
    """What the program says to somebody in danger."""


def checked_question(question: str) -> str:
    """Return the question without control characters and outer blanks; other blanks than line ends become spaces.

    Raises:
        BadInput: nothing is left, or it is longer than `LONGEST_QUESTION`.
    """
    spaced = (" " if letter.isspace() and letter != "\n" else letter for letter in question)
    text = "".join(letter for letter in spaced if letter.isprintable() or letter == "\n").strip()
    if not text:
        raise BadInput("the question is empty: ask something, for example: What do you do when you are afraid?")
    if len(text) > LONGEST_QUESTION:
        raise BadInput(
            f"the question has {len(text):,} characters, at most {LONGEST_QUESTION:,} fit: shorten it or ask in parts"
        )
    return text


def stream(
    speaker: Speaker, question: str, history: Sequence[Turn] = (), sampling: Sampling | None = None
) -> Iterator[Prompt | str | Turn]:
    """Give the prompt, with the passages that the answer may stand on; then the answer piece by piece; then the turn.

    Closing the iterator stops the model. A crisis in the question is answered by the program, out of character, before
    anything is looked for or any model asked: whatever is broken, help is named.

    Raises:
        BadInput: the question is empty or too long.
        ModelError: the model is missing, or was lost before the first word.
    """
    text = checked_question(question)
    found = crisis(text)
    if found is not None:
        said = speaker.help(found)
        yield Prompt(text)
        yield said
        yield _turn(speaker, Prompt(text), said, CARE)
        return
    scene = speaker.scene
    prompt = scene.prompt(text, history)
    yield prompt
    messages = render(scene.character, scene.exchanges(history), prompt)
    pieces: list[str] = []
    for piece in speaker.model.stream(messages, sampling or Sampling(), adapter=speaker.adapter):
        pieces.append(piece)
        yield piece
    answer = "".join(pieces).strip()
    if not answer:
        raise ModelError(f"{speaker.model.name} gave an empty answer: ask again, or in other words")
    yield _turn(speaker, prompt, answer, speaker.model.name)


def answer(speaker: Speaker, question: str, history: Sequence[Turn] = (), sampling: Sampling | None = None) -> Turn:
    """Answer in one piece. Raises as `stream` does."""
    *_, turn = stream(speaker, question, history, sampling)
    if not isinstance(turn, Turn):
        raise ModelError("the answer ended before it was whole")
    return turn


def _turn(speaker: Speaker, prompt: Prompt, text: str, model: str) -> Turn:
    care = model == CARE
    turn = Turn(
        id="",
        question=prompt.question,
        answer=text,
        passages=prompt.references,
        recalled=prompt.recalled.conversation if prompt.recalled else None,
        model=model,
        adapter=speaker.adapter,
        prompt=prompt_hash(),
        findings=() if care else findings(speaker.scene, prompt.question, text, prompt.references),
        created_at=speaker.clock(),
    )
    return replace(turn, id="t" + digest([turn, speaker.scene.character.slug]))
