"""Where a character's wheel stands: what was said, scored, frozen, trained, evaluated, and is live."""

from dataclasses import dataclass

from emmaus.api import Emmaus
from emmaus.data import newest
from emmaus.errors import NotFound
from emmaus.evals import Rule
from emmaus.jobs import state_of
from emmaus.serving import words
from emmaus.store import Store
from emmaus.types import Adapter, Conversation, Dataset, Deployment, Difference, Evaluation, Job, Source

LATEST_JOBS = 6


@dataclass(frozen=True, slots=True)
class Work:
    """A job, in a line."""

    id: str
    kind: str
    state: str
    """As `jobs.state_of` tells it."""
    done: int
    total: int
    note: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """The counts of one character, and what may be done next."""

    character: str
    name: str
    sources: dict[Source, int]
    """Conversations by where they come from; sources without any are left out."""
    conversations: int
    scored: int
    """Conversations of which a turn has a score."""
    dataset: str | None
    """Id of the newest dataset."""
    learned: int
    """Conversations in it."""
    adapters: int
    evaluation: str | None
    """Id of the newest evaluation."""
    candidate: str
    """The adapter that it evaluated, in words."""
    against: str
    """What it was held against, in words."""
    allowed: bool
    """Whether the gate let it pass."""
    reasons: tuple[str, ...]
    difference: Difference | None
    """Of the composite, candidate minus incumbent."""
    deployment: str | None
    """Id of the newest deployment, a promotion or a rollback."""
    live: str
    """What the character speaks through, in words."""
    promotable: bool
    retractable: bool
    jobs: tuple[Work, ...]


def wheel(home: Emmaus, slug: str, *, deep: bool = True) -> Wheel:
    """Look where the wheel of a character stands. `deep` also counts scores, which reads every conversation.

    Raises:
        NotFound: there is no such character.
    """
    store, name = home.store, home.parts.pack.character(slug).name
    counts = {source: store.count(Conversation, character=slug, source=source) for source in Source}
    dataset = _newest(store, slug)
    evaluations = store.find(Evaluation, last=1, character=slug)
    evaluation = evaluations[-1] if evaluations else None
    latest = store.find(Deployment, last=1, character=slug)
    live = latest[-1].adapter if latest else None
    allowed = evaluation is not None and evaluation.decision.promote
    return Wheel(
        character=slug,
        name=name,
        sources={source: count for source, count in counts.items() if count},
        conversations=sum(counts.values()),
        scored=_scored(home, slug) if deep else 0,
        dataset=dataset.id if dataset else None,
        learned=len(dataset.parents) if dataset else 0,
        adapters=store.count(Adapter, character=slug),
        evaluation=evaluation.id if evaluation else None,
        candidate=words(store, evaluation.candidate) if evaluation else "",
        against=words(store, evaluation.incumbent) if evaluation else "",
        allowed=allowed,
        reasons=evaluation.decision.reasons if evaluation else (),
        difference=_main(evaluation),
        deployment=latest[-1].id if latest else None,
        live=words(store, live or home.parts.first),
        promotable=allowed and evaluation is not None and evaluation.candidate != live,
        retractable=live is not None,
        jobs=_jobs(home, store.find(Job, last=LATEST_JOBS, character=slug)),
    )


def _newest(store: Store, slug: str) -> Dataset | None:
    try:
        return newest(store, slug)
    except NotFound:
        return None


def _scored(home: Emmaus, slug: str) -> int:
    found = home.store.find(Conversation, character=slug)
    scores = home.store.scores(turn.id for conversation in found for turn in conversation.turns)
    return sum(any(s.value is not None for t in c.turns for s in scores[t.id]) for c in found)


def _main(evaluation: Evaluation | None) -> Difference | None:
    differences = evaluation.differences if evaluation else ()
    return next((difference for difference in differences if difference.metric == Rule().main), None)


def _jobs(home: Emmaus, found: list[Job]) -> tuple[Work, ...]:
    stand = ((job, state_of(home.parts.path, job)) for job in reversed(found))
    return tuple(Work(job.id, job.kind, state, job.done, job.total, job.note) for job, state in stand)
