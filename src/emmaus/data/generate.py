"""Synthetic conversations: compose a question, draw k answers, keep the best if it is good, true and new.

Exactly n are accepted. What was decided about a question is in the store before the next one is decided, in the order
of the questions, so that a run which was killed goes on where it stood and ends with the set of an undisturbed one.
That holds as far as the model repeats a seeded draw; the embedded engine's numbers move a little with a slot's cache.
"""

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from emmaus.chat import Prompt, Speaker, prompt_hash, render
from emmaus.data.checks import score_turns
from emmaus.data.novelty import Novelty
from emmaus.data.questions import Asked, questions
from emmaus.errors import BadInput, BudgetSpent, ModelError
from emmaus.models.protocols import Embedder, Sampling
from emmaus.store import Store
from emmaus.types import Conversation, Progress, Rejection, Score, Source, Turn, digest

_BOUNDS = {
    "k": (1, 64),
    "minimum": (0, 1),
    "temperature": (0, 2),
    "max_tokens": (1, 4096),
    "workers": (1, 64),
    "patience": (1, 10_000),
}
"""Least and most of each number of a Drawing: beyond them nothing is drawn, or nothing but threads and memory."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How answers are drawn and chosen."""

    k: int = 4
    """Answers drawn for a question; the best is looked at."""
    minimum: float = 0.7
    """Value from which an answer is accepted, 0..1."""
    temperature: float = 0.7
    max_tokens: int = 160
    workers: int = 4
    """Questions under way at once."""
    patience: int = 25
    """Give up after this many questions for each conversation that was asked for."""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be drawn with.

        Raises:
            BadInput: a field is out of range.
        """
        for name, (least, most) in _BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise BadInput(f"drawing: {name} is {getattr(self, name)}; it must lie in {least}..{most}")


@dataclass(slots=True)
class Spent:
    """What one run of a generation has spent so far."""

    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """What a generation job has come to, all its runs together."""

    job: str
    accepted: int
    """Conversations of this job in the store."""
    questions: int
    """Questions tried."""
    dropped: dict[str, int]
    """Rule -> questions whose best answer it dropped."""
    mean: float
    """Mean value of the accepted, 0..1."""
    seconds: float
    """Spent by the last run."""
    tokens: int
    """Drawn by the last run."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    asked: Asked
    prompt: Prompt
    answers: tuple[str, ...]
    tokens: int


def generate(
    speaker: Speaker,
    store: Store,
    embedder: Embedder,
    *,
    job: str,
    n: int,
    seed: int = 0,
    drawing: Drawing | None = None,
    starters: Sequence[Conversation] = (),
    report: Callable[[Progress], None] = lambda _: None,
    spent: Spent | None = None,
    minutes: float | None = None,
) -> None:
    """Accept exactly `n` conversations for `job` into the store; those of an earlier run of the same job count.

    `starters` are the pack's hand-written conversations: what nearly repeats one of them is not new.
    `spent` counts what this run uses; after so many `minutes` of it the run stops between two questions.
    `report` may raise `Cancelled`; everything accepted by then stays.

    Raises:
        BudgetSpent: the minutes are over; the message says what they came to.
        ModelError: the model was lost, or after `patience` questions for each wanted conversation too few were good.
    """
    drawing = drawing or Drawing()
    spent = spent or Spent()
    started = time.monotonic()
    slug = speaker.scene.character.slug
    # What people said plays no part: it may not be read without consent, and a run gives the same whoever talked.
    known = store.find(Conversation, character=slug, subject=None)
    dropped = store.find(Rejection, job=job)
    asked = {turn.question for c in known for turn in c.turns} | {rejection.question for rejection in dropped}
    rules = Counter(rejection.rule for rejection in dropped)
    novelty = Novelty(_answers([*starters, *known]))
    done = sum(conversation.job == job for conversation in known)
    fresh = (a for a in questions(speaker.scene.pack, speaker.scene.character, seed) if a.text not in asked)

    def wanted() -> int:
        """Questions that are still needed, going by the share that was accepted so far."""
        return math.ceil((n - done) * (1 + done + rules.total()) / (1 + done))

    with closing(_drawn_in_order(speaker, fresh, drawing, seed, wanted)) as drawing_up:
        for drawn in drawing_up:
            spent.tokens += drawn.tokens
            spent.seconds = time.monotonic() - started
            outcome, score = _choose(speaker, embedder, novelty, drawn, job, drawing)
            if isinstance(outcome, Rejection):
                store.add(outcome)
                rules[outcome.rule] += 1
            else:
                store.add_all([outcome, *([score] if score else [])])
                novelty.add(outcome.id, outcome.turns[0].answer)
                done += 1
            tried = done + rules.total()
            speed = {"tokens_per_second": spent.tokens / spent.seconds, "accepted": done / tried}
            report(Progress(done, n, drawn.asked.text, speed))
            if done >= n:
                return
            if minutes is not None and spent.seconds >= 60 * minutes:
                raise BudgetSpent(
                    f"the {minutes:g} min that were given are over: {done} of {n} conversations were good enough after "
                    f"{tried} questions ({_summary(rules) or 'none was dropped'})"
                )
            if tried >= drawing.patience * n:
                raise ModelError(
                    f"only {done} of {n} conversations were good enough after {tried} questions ({_summary(rules)}): "
                    f"use a stronger model (EMMAUS_TEACHER_URL) or a lower minimum than {drawing.minimum}"
                )
    if done < n:
        raise BadInput(f"the pack has no more questions: {done} of {n} conversations were made; add to its topics.yaml")


@dataclass(frozen=True, slots=True)
class Preview:
    """One question, its best answer, and what would become of it."""

    topic: str
    turn: Turn
    score: Score | None
    """None where it was dropped."""
    dropped: str
    """The rule that would drop it; "" where it would be accepted."""
    evidence: str


def preview(
    speaker: Speaker,
    store: Store,
    embedder: Embedder,
    *,
    seed: int = 0,
    drawing: Drawing | None = None,
    starters: Sequence[Conversation] = (),
) -> Preview:
    """Draw for the first question that `generate` would ask with this seed, and keep nothing.

    Raises:
        BadInput: the pack has no more questions.
        ModelError: the model was lost.
    """
    drawing = drawing or Drawing()
    scene = speaker.scene
    known = store.find(Conversation, character=scene.character.slug, subject=None)
    asked = {turn.question for conversation in known for turn in conversation.turns}
    fresh = next((a for a in questions(scene.pack, scene.character, seed) if a.text not in asked), None)
    if fresh is None:
        raise BadInput("the pack has no more questions: add to its topics.yaml")
    drawn = _draw(speaker, fresh, drawing, seed)
    outcome, score = _choose(speaker, embedder, Novelty(_answers([*starters, *known])), drawn, "", drawing)
    if isinstance(outcome, Conversation):
        return Preview(fresh.topic, outcome.turns[0], score, "", "")
    turn = Turn(outcome.id, outcome.question, outcome.answer, passages=drawn.prompt.references)
    return Preview(fresh.topic, turn, None, outcome.rule, outcome.evidence)


def generated(store: Store, job: str, spent: Spent) -> Generated:
    """What a job has come to, read from the store."""
    kept = store.find(Conversation, job=job)
    rules = Counter(rejection.rule for rejection in store.find(Rejection, job=job))
    scores = store.scores([turn.id for conversation in kept for turn in conversation.turns])
    values = [score.value for group in scores.values() for score in group[:1] if score.value is not None]
    mean = sum(values) / len(values) if values else 0.0
    return Generated(job, len(kept), len(kept) + rules.total(), dict(rules), mean, spent.seconds, spent.tokens)


def _drawn_in_order(
    speaker: Speaker, fresh: Iterator[Asked], drawing: Drawing, seed: int, wanted: Callable[[], int]
) -> Generator[_Drawn, None, None]:
    """Draw for several questions at once, but for no more than are `wanted`; the results come in their order."""
    pool = ThreadPoolExecutor(drawing.workers, thread_name_prefix="draw")
    running: deque[Future[_Drawn]] = deque()
    try:
        while True:
            # One more than the workers waits ready, so that the engine never waits for the choosing.
            for asked in islice(fresh, max(0, min(drawing.workers + 1, wanted()) - len(running))):
                running.append(pool.submit(_draw, speaker, asked, drawing, seed))
            if not running:
                return
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _draw(speaker: Speaker, asked: Asked, drawing: Drawing, seed: int) -> _Drawn:
    scene = speaker.scene
    prompt = scene.prompt(asked.text)
    messages = render(scene.character, (), prompt)
    answers, tokens = [], 0
    for i in range(drawing.k):
        sampling = Sampling(
            temperature=drawing.temperature,
            max_tokens=drawing.max_tokens,
            seed=int(digest([seed, asked.text, i], 7), 16),
        )
        reply = speaker.model.reply(messages, sampling, adapter=speaker.adapter)
        answers.append(reply.text.strip())
        tokens += reply.completion_tokens
    return _Drawn(asked, prompt, tuple(answers), tokens)


def _choose(
    speaker: Speaker, embedder: Embedder, novelty: Novelty, drawn: _Drawn, job: str, drawing: Drawing
) -> tuple[Conversation | Rejection, Score | None]:
    """The best answer as a conversation with its score, or why even the best was dropped."""
    scene = speaker.scene
    turns = [
        Turn(
            id="t" + digest([job, drawn.asked.text, i]),
            question=drawn.asked.text,
            answer=answer,
            passages=drawn.prompt.references,
            recalled=drawn.prompt.recalled.conversation if drawn.prompt.recalled else None,
            model=speaker.model.name,
            adapter=speaker.adapter,
            prompt=prompt_hash(),
            created_at=speaker.clock(),
        )
        for i, answer in enumerate(drawn.answers)
    ]
    scores = score_turns(turns, scene, embedder)
    best, score = max(zip(turns, scores, strict=True), key=lambda pair: pair[1].value or 0.0)

    def reject(rule: str, evidence: str, twin: str | None = None) -> tuple[Rejection, None]:
        key = "x" + digest([job, best.question])
        return Rejection(key, job, rule, evidence, best.question, best.answer, twin), None

    if score.value is None or score.value < drawing.minimum:
        worst = min(score.criteria, key=lambda name: score.criteria[name], default="unscored")
        return reject(worst, f"value {score.value} is below {drawing.minimum}: {'; '.join(score.findings)}")
    if twin := novelty.twin(best.answer):
        return reject("twin", "gives nearly the same answer as a conversation that is already there", twin)
    conversation = Conversation(
        id="g" + digest([job, best.question]),
        character=scene.character.slug,
        source=Source.SYNTHETIC,
        turns=(best,),
        topic=drawn.asked.topic,
        job=job,
        created_at=best.created_at,
    )
    return conversation, replace(score, turn=best.id)


def _answers(conversations: Sequence[Conversation]) -> Iterator[tuple[str, str]]:
    return ((conversation.id, turn.answer) for conversation in conversations for turn in conversation.turns)


def _summary(rules: Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in rules.most_common(4))
