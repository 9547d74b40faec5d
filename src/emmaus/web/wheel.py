"""Where a character's wheel stands, and what to do next: what was said, scored, frozen, trained, evaluated, is live."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from emmaus.api import Emmaus
from emmaus.data import MINIMUM_EXAMPLES, newest_id
from emmaus.evals import Rule
from emmaus.serving import words
from emmaus.store import Store, counting
from emmaus.types import Adapter, Conversation, Dataset, Deployment, Difference, Evaluation, Job, Source
from emmaus.web.progress import Work, works

LATEST_JOBS = 6
Doing = Literal["generate", "score", "review", "freeze", "train", "evaluate", "promote", "nothing"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """The counts of one character, and what may be done next."""

    character: str
    name: str
    sources: dict[Source, int]
    """Conversations by where they come from; sources without any are left out."""
    conversations: int
    consented: int
    """Conversations of people that may be learned from now."""
    rated: int
    """Conversations of which a turn was rated."""
    scored: int
    """Conversations of which a turn has a score."""
    reviewed: int
    """Conversations of which a reviewer decided about a turn."""
    unscored: int
    """Conversations that wait to be scored."""
    to_review: int
    """Flagged conversations that wait for a reviewer; where none was reviewed yet, all that a model wrote."""
    dataset: str | None
    """Id of the newest dataset."""
    learned: int
    """Conversations in it."""
    fresh: int
    """Conversations since it was frozen that may be learned from; without a dataset all."""
    trained: bool
    """Whether an adapter learned from the newest dataset."""
    adapters: int
    adapter: str | None
    """Id of the newest adapter."""
    evaluated: bool
    """Whether the newest adapter is the one that was evaluated last."""
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
    taken_back: bool
    """Whether what was evaluated last was promoted since, and rolled back."""
    jobs: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The next sensible step."""

    kind: Doing
    words: str
    """Why, in a sentence."""
    button: str
    """What the button says; "" where there is none."""


def next_step(wheel: Wheel) -> Step:
    """Say what to do next with a wheel: what was begun is brought to its end before more is begun."""
    name, enough = wheel.name, MINIMUM_EXAMPLES
    if busy := next((work for work in wheel.jobs if work.active), None):
        return Step("nothing", f"Work is under way ({busy.title}): what it makes decides what comes next.", "")
    if wheel.promotable and not wheel.taken_back:
        return Step("promote", f"The gate found {wheel.candidate} better: let {name} speak through it.", "Promote")
    if wheel.adapter and not wheel.evaluated:
        return Step("evaluate", "Nobody knows yet whether the newest adapter is better than what is live.", "Evaluate")
    if wheel.dataset and not wheel.trained:
        return Step("train", f"No adapter has learned from dataset {wheel.dataset} yet.", "Train")
    if wheel.unscored:
        waits = _conversations(wheel.unscored, "waits", "wait")
        return Step("score", f"{waits} for a score: only what has one is learned from.", "Score")
    if wheel.to_review and wheel.fresh:
        waits = _conversations(wheel.to_review, "waits", "wait")
        return Step("review", f"{waits} for a person's eyes, before anything is learned from them.", "Review")
    if wheel.fresh >= enough:
        since = " since the newest dataset" if wheel.dataset else ""
        return Step("freeze", f"{wheel.fresh:,} conversations may be learned from{since}: freeze them.", "Freeze")
    if not wheel.dataset or not wheel.allowed or wheel.taken_back:
        why = f"{name} has too little to learn from"
        if wheel.evaluation:
            why = f"{wheel.candidate.capitalize()} was rolled back" if wheel.taken_back else "The gate holds the newest"
        return Step("generate", f"{why}: more good conversations are needed.", "Generate")
    return Step("nothing", f"{name} speaks through all that was learned. People who talk, or you, bring more.", "")


def wheel(home: Emmaus, slug: str, *, deep: bool = True, tally: counting.Tally | None = None) -> Wheel:
    """Look where the wheel of a character stands.

    `tally` is what was counted of them already. Without it, and not `deep`, nothing is counted but conversations.

    Raises:
        NotFound: there is no such character.
    """
    store, name = home.store, home.parts.pack.character(slug).name
    tally = tally or (_tally(store, slug) if deep else counting.Tally(_sources(store, slug)))
    dataset = _newest(store, slug)
    evaluations = store.ask(counting.outlines, Evaluation, character=slug)
    evaluation = evaluations[-1] if evaluations else None
    adapters = store.find(Adapter, character=slug)
    latest = store.find(Deployment, last=1, character=slug)
    live = latest[-1].adapter if latest else None
    allowed = evaluation is not None and evaluation.decision.promote
    synthetic = tally.sources.get(Source.SYNTHETIC, 0)
    return Wheel(
        character=slug,
        name=name,
        sources=dict(tally.sources),
        conversations=tally.conversations,
        consented=tally.consented,
        rated=tally.rated,
        scored=tally.scored,
        reviewed=tally.reviewed,
        unscored=tally.unscored,
        to_review=tally.flagged or (0 if tally.reviewed_synthetic else synthetic),
        dataset=dataset.id if dataset else None,
        learned=len(dataset.parents) if dataset else 0,
        fresh=store.ask(counting.fresh, slug, dataset.created_at if dataset else -1.0),
        trained=dataset is not None and any(adapter.dataset == dataset.id for adapter in adapters),
        adapters=len(adapters),
        adapter=adapters[-1].id if adapters else None,
        evaluated=bool(adapters) and evaluation is not None and evaluation.candidate == adapters[-1].id,
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
        taken_back=_taken_back(store, slug, evaluation),
        jobs=works(home, reversed(store.find(Job, last=LATEST_JOBS, character=slug))),
    )


def wheels(home: Emmaus) -> list[Wheel]:
    """Look where every wheel stands; the conversations of all are counted at once."""
    counted = home.store.ask(counting.tallies)
    return [wheel(home, slug, tally=counted.get(slug, counting.Tally({}))) for slug in home.parts.pack.characters]


def _tally(store: Store, slug: str) -> counting.Tally:
    return store.ask(counting.tallies, slug).get(slug, counting.Tally({}))


def _sources(store: Store, slug: str) -> Counter[Source]:
    """Only what an index counts."""
    return +Counter({source: store.count(Conversation, character=slug, source=source) for source in Source})


def _newest(store: Store, slug: str) -> Dataset | None:
    """The dataset that was frozen last, without its examples, as `data.newest` finds it."""
    found = store.ask(counting.outlines, Dataset, character=slug)
    named = newest_id(store, slug)
    return next((one for one in found if one.id == named), found[-1] if found else None)


def _taken_back(store: Store, slug: str, evaluation: Evaluation | None) -> bool:
    if evaluation is None:
        return False
    history = store.find(Deployment, character=slug)
    promoted = any(deployment.evaluation == evaluation.id for deployment in history)
    return promoted and history[-1].adapter != evaluation.candidate


def _main(evaluation: Evaluation | None) -> Difference | None:
    differences = evaluation.differences if evaluation else ()
    return next((difference for difference in differences if difference.metric == Rule().main), None)


def _conversations(number: int, one: str, more: str) -> str:
    return f"{number:,} conversation{'' if number == 1 else 's'} {one if number == 1 else more}"
