"""One turn: retrieve what the question stands on, render, answer."""

import os
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from threading import BoundedSemaphore

from emmaus.chat.care import Crisis, crisis
from emmaus.chat.counsel import counsel_sought, counsel_text
from emmaus.chat.findings import findings
from emmaus.chat.helplines import help_text
from emmaus.chat.language import SAYS, foreign
from emmaus.chat.render import Exchange, Prompt, prompt_hash, render
from emmaus.chat.scene import Scene
from emmaus.errors import BadInput, ContextOverflow, ModelError
from emmaus.grounding.timeline import OPENING, denies
from emmaus.models.protocols import ChatModel, Sampling, only_english
from emmaus.types import CARE, Character, Message, Turn, digest

LONGEST_QUESTION = 6000
"""Characters. A longer question would push the passages out of the context window of small models."""
DRAWS = 4
"""How often an answer is drawn at most, where it opens by denying what the character knows, or the reverse."""
LEFT_OUT = 4
"""Turns that are left out at once where a talk has grown too long: the rest then stays the same for as many turns, and
a server that has read it answers from its cache."""
_LISTENING, _LOOKING = (BoundedSemaphore(os.cpu_count() or 1) for _ in range(2))
"""Held while a question is listened to, and while it is looked up, which takes a core: more at once only hinder each
other, and all who wait for a page or a rating meanwhile. Who is in danger waits for nobody's looking up."""
_SENTENCE_END = re.compile(r"[^.!?\s][.!?]+\s")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A character who can answer: the scene, and a model to speak through."""

    scene: Scene
    model: ChatModel
    adapter: str | None = None
    """Id of the adapter to speak through; None is the bare base model."""
    clock: Callable[[], float] = time.time
    help: Callable[[Crisis | None], str] = help_text
    """What the program says to somebody in danger, or just in case (None)."""

    @property
    def character(self) -> Character:
        """Who speaks."""
        return self.scene.character

    @property
    def slug(self) -> str:
        """The name that the pack has for them."""
        return self.character.slug


class Awaited:
    """A speaker who is made when something of theirs is needed: whatever is broken of it, help can be named before.

    Each of `character`, `scene`, `model` and `adapter` raises what is broken, again each time that it is asked for.
    """

    def __init__(
        self,
        slug: str,
        character: Callable[[], Character],
        speaker: Callable[[], Speaker],
        *,
        clock: Callable[[], float] = time.time,
        help: Callable[[Crisis | None], str] = help_text,
    ) -> None:
        self.slug = slug
        self.clock = clock
        self.help = help
        self._character = character
        self._speaker = speaker

    @cached_property
    def _made(self) -> Speaker:
        return self._speaker()

    @cached_property
    def character(self) -> Character:
        """Who speaks; needs neither the scene nor the model."""
        return self._character()

    @property
    def scene(self) -> Scene:
        """What the answers stand on."""
        return self._made.scene

    @property
    def model(self) -> ChatModel:
        """What they speak through."""
        return self._made.model

    @property
    def adapter(self) -> str | None:
        """Id of the adapter to speak through."""
        return self._made.adapter


def checked_question(question: str) -> str:
    """Return the question without control characters and outer blanks; other blanks than line ends become spaces.

    Raises:
        BadInput: nothing is left, or it is longer than `LONGEST_QUESTION` and shows nobody in danger.
    """
    text = _cleaned(question)
    if len(text) > LONGEST_QUESTION and crisis(text) is None:
        raise _too_long(text)
    return text


def _cleaned(question: str) -> str:
    spaced = (" " if letter.isspace() and letter != "\n" else letter for letter in question)
    text = "".join(letter for letter in spaced if letter.isprintable() or letter == "\n").strip()
    if not text:
        raise BadInput("the question is empty: ask something, for example: What do you do when you are afraid?")
    return text


def _too_long(text: str) -> BadInput:
    return BadInput(
        f"the question has {len(text):,} characters, at most {LONGEST_QUESTION:,} fit: shorten it or ask in parts"
    )


def cared(
    slug: str,
    question: str,
    help: Callable[[Crisis | None], str] = help_text,
    clock: Callable[[], float] = time.time,
) -> Turn | None:
    """Answer a question that shows somebody in danger, out of character; None where it shows nobody.

    `slug` is of the character who was asked. Neither they nor a model nor the store is needed.
    """
    found = crisis(question)
    if found is None:
        return None
    return _own(slug, question, help(found), clock)


def _counselled(speaker: Speaker | Awaited, question: str) -> Turn | None:
    """Answer out of character what no character answers; None where the question asks for nothing of the kind."""
    kind = counsel_sought(question)
    if kind is None:
        return None
    return _own(speaker.slug, question, counsel_text(kind, speaker.character.name), speaker.clock)


def _misunderstood(speaker: Speaker | Awaited, question: str) -> Turn | None:
    """Answer, out of character, a question in a language that the model does not know; None where it may know it.

    A character whose own card is in another language was made for it, and answers.
    """
    if not foreign(question) or not only_english(speaker.model) or foreign(speaker.character.card):
        return None
    return _own(speaker.slug, question, f"{SAYS}\n\n{speaker.help(None)}", speaker.clock)


def _own(slug: str, question: str, text: str, clock: Callable[[], float]) -> Turn:
    """A turn that the program itself answered: never scored, never learned from."""
    turn = Turn("", question, text, model=CARE, prompt=prompt_hash(), created_at=clock())
    return replace(turn, id=_id(turn, slug))


def stream(
    speaker: Speaker | Awaited, question: str, history: Sequence[Turn] = (), sampling: Sampling | None = None
) -> Generator[Prompt | str | Turn, None, None]:
    """Give the prompt, with the passages that the answer may stand on; then the answer piece by piece; then the turn.

    Closing the iterator stops the model. A crisis in the question is answered by the program, out of character, before
    anything is looked for or any model asked: whatever is broken, help is named. There is no prompt then: the help
    comes first, to be shown as it is. So is a question that asks for prophecy about the asker, for medical or legal
    counsel or for absolution, and one in a language that the model does not know. Of a talk that the model cannot hold
    as a whole, the oldest turns are left out.

    Raises:
        BadInput: the question is empty or too long, also for the model.
        ModelError: the model is missing, or was lost before the first word.
    """
    text = _cleaned(question)
    with _LISTENING:
        helped = cared(speaker.slug, text, speaker.help, speaker.clock)
    if helped:
        yield helped.answer
        yield helped
        return
    if len(text) > LONGEST_QUESTION:
        raise _too_long(text)
    if told := _counselled(speaker, text) or _misunderstood(speaker, text):
        yield told.answer
        yield told
        return
    scene = speaker.scene
    with _LOOKING if scene.inside else nullcontext():
        prompt = scene.prompt(text, history)
    yield prompt
    pieces: list[str] = []
    for piece in _fitted(speaker, prompt, scene.exchanges(history), sampling or Sampling()):
        pieces.append(piece)
        yield piece
    answer = "".join(pieces).strip()
    if not answer:
        raise ModelError(f"{speaker.model.name} gave an empty answer: ask again, or in other words")
    yield _turn(speaker, prompt, answer)


def _fitted(
    speaker: Speaker | Awaited, prompt: Prompt, exchanges: Sequence[Exchange], sampling: Sampling
) -> Iterator[str]:
    """Pieces of an answer to as much of the talk as the model can hold; it says so before its first piece."""
    while True:
        try:
            yield from _drawn(speaker, prompt, render(speaker.character, exchanges, prompt), sampling)
            return
        except ContextOverflow:
            if not exchanges:
                raise
            exchanges = exchanges[LEFT_OUT:]


def _drawn(
    speaker: Speaker | Awaited, prompt: Prompt, messages: Sequence[Message], sampling: Sampling
) -> Iterator[str]:
    """Pieces of an answer; one that opens by denying what the character knows, or the reverse, is drawn again."""
    beyond = speaker.scene.beyond(prompt)
    for draw in range(DRAWS):
        seed = None if sampling.seed is None else sampling.seed + draw
        last = draw + 1 == DRAWS or sampling.temperature == 0  # drawn again it would be the same
        with closing(speaker.model.stream(messages, replace(sampling, seed=seed), adapter=speaker.adapter)) as coming:
            opening = "" if beyond is None else _opening(coming)
            if last or beyond in (None, denies(opening)):
                if opening:
                    yield opening
                yield from coming
                return


def _opening(pieces: Iterator[str]) -> str:
    """The first sentences of an answer, as soon as they are whole."""
    said = ""
    for piece in pieces:
        said += piece
        if len(_SENTENCE_END.findall(said)) >= OPENING:
            break
    return said


def answer(
    speaker: Speaker | Awaited, question: str, history: Sequence[Turn] = (), sampling: Sampling | None = None
) -> Turn:
    """Answer in one piece. Raises as `stream` does."""
    *_, turn = stream(speaker, question, history, sampling)
    if not isinstance(turn, Turn):
        raise ModelError("the answer ended before it was whole")
    return turn


def _turn(speaker: Speaker | Awaited, prompt: Prompt, text: str) -> Turn:
    turn = Turn(
        id="",
        question=prompt.question,
        answer=text,
        passages=prompt.references,
        recalled=prompt.recalled.conversation if prompt.recalled else None,
        model=speaker.model.name,
        adapter=speaker.adapter,
        prompt=prompt_hash(),
        findings=findings(speaker.scene, prompt.question, text, prompt.references),
        created_at=speaker.clock(),
    )
    return replace(turn, id=_id(turn, speaker.slug))


def _id(turn: Turn, slug: str) -> str:
    return "t" + digest([turn, slug])
