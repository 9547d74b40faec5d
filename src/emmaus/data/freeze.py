"""Freeze: from everything that may be learned, an immutable dataset with the reason for each conversation left out."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal

from emmaus.chat import Scene, crisis, render_whole
from emmaus.data.decisions import named
from emmaus.data.filters import (
    Candidate,
    Filtered,
    ProbeGuard,
    accepted,
    consented,
    distinct,
    in_character,
    reworded,
    run_filters,
    scored,
    unseen,
    wanted,
)
from emmaus.errors import BadInput, NotFound, TooFewExamples
from emmaus.feedback import BY_RATING, LIKED, allows
from emmaus.store import FORGOTTEN, Store
from emmaus.store.standing import Said, said_of
from emmaus.types import Conversation, Dataset, Example, Json, Progress, Review, Scope, Score, Source, digest

Split = Literal["train", "validation", "test"]

MINIMUM_EXAMPLES = 20
"""Fewer teach a voice nothing that a prompt does not say, and leave no validation split to stop on."""
VALIDATION, TEST = 0.08, 0.05
"""Shares of the conversations that are held out: to stop the training in time, and to evaluate what it gave."""


def freeze(
    store: Store,
    scene: Scene,
    *,
    minimum: float = 0.7,
    synthetic: float = 1.0,
    most: int | None = None,
    wordings: int = 1,
    seed: int = 0,
    clock: Callable[[], float] = time.time,
    report: Callable[[Progress], None] = lambda _: None,
) -> Dataset:
    """Freeze the usable conversations of one character into an immutable dataset.

    Only conversations whose speaker consents to training *now*, scored at least `minimum` (0..1) or validated by a
    person, not rejected in review, and sharing no question with any probe of the pack. At most `synthetic` synthetic
    conversations enter for each one that people wrote, the best first, so that a character is never learned mainly from
    itself. With `most`, a seeded sample of so many conversations is frozen. A hand-written conversation in the train
    split is learned once more in each of up to `wordings` other wordings of its question (once in its own where it has
    no other), as an answer that was recalled and is said again: a small model needs that to make use of what is
    recalled. With 0, which suits a large model, each is learned once, beside the recalled answer to another question.
    The report keeps every rejection with its rule. The same content frozen again is the same dataset, with the report
    of the first time; `unchanged` says so. What `report` raises ends it, and nothing is kept.

    Raises:
        TooFewExamples: fewer than `MINIMUM_EXAMPLES` remain.
        BadInput: `synthetic` or `wordings` is below 0.
        NotConsented: somebody deleted their words while the dataset was made of them.
    """
    require_mixture(synthetic, wordings)
    slug, since = scene.character.slug, store.meta(FORGOTTEN)
    store.add_all(scene.pack.starters(slug))
    probes = scene.pack.held_out
    guard = ProbeGuard(probes)
    candidates = _candidates(store, scene)
    looked = _counted(report, 2 * len(candidates))  # each is looked at, and those that are chosen are rendered
    kept = run_filters(
        candidates,
        [
            lambda candidate: looked(),
            consented(store.consents()),
            in_character(candidates),
            accepted(),
            wanted(),
            scored(minimum),
            unseen(guard),
            reworded(probes, scene.recall.embedder, store.home / "cache"),
            distinct(),
        ],
    )
    chosen = _sampled(_mixed(kept.selected, synthetic), most, seed)
    if len(chosen) < MINIMUM_EXAMPLES:
        raise TooFewExamples(
            f"only {len(chosen)} conversations of {slug} can be learned from, training needs at least "
            f"{MINIMUM_EXAMPLES}: generate more with: emmaus generate {slug} -n 100"
        )
    splits = _splits(chosen, seed)
    asked = _other_wordings(scene, guard, wordings) if wordings else None
    examples: list[Example] = []
    for candidate in chosen:
        looked()
        examples += _examples(scene, candidate, splits.get(candidate.conversation.id, "train"), asked)
    report(Progress(2 * len(candidates), 2 * len(candidates)))
    content, told = digest(tuple(examples)), _report(kept, chosen)
    parents = tuple(candidate.conversation.id for candidate in chosen)
    made = Dataset(f"d{content}", slug, content, tuple(examples), told, seed, parents, clock())
    dataset = store.freeze(made, since)
    store.settle(_newest(slug), dataset.id)
    return dataset


def require_mixture(synthetic: float, wordings: int) -> None:
    """Refuse what cannot be mixed. Raises BadInput."""
    if synthetic < 0:
        raise BadInput(f"cannot mix in {synthetic} synthetic conversations for each other one: give 0 or more")
    if wordings < 0:
        raise BadInput(f"cannot learn {wordings} other wordings: give 0 or more")


def unchanged(dataset: Dataset, began: float) -> str:
    """Say that what was frozen is an old dataset, by when the freezing `began`; "" where it is a new one."""
    if dataset.created_at >= began:
        return ""
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(dataset.created_at))
    return f"nothing changed since dataset {dataset.id} of {day}: it is the newest, and its report is of that time"


def _counted(report: Callable[[Progress], None], total: int) -> Callable[[], None]:
    """Make what reports one more piece each time that it is called."""
    done = 0

    def one() -> None:
        nonlocal done
        done += 1
        report(Progress(done, total))

    return one


def newest(store: Store, character: str) -> Dataset:
    """The dataset that was frozen last, which may be an old one that came out again.

    Raises:
        NotFound: none of this character was frozen yet.
    """
    if name := newest_id(store, character):
        return store.get(Dataset, name)
    if added := store.find(Dataset, last=1, character=character):
        return added[-1]
    raise NotFound(f"{character} has no dataset yet: emmaus freeze {character}")


def newest_id(store: Store, character: str) -> str | None:
    """Id of the dataset that was frozen last, without reading it; None where none was, or nobody noted which."""
    return store.meta(_newest(character))


def _newest(character: str) -> str:
    return f"newest dataset of {character}"


def still_allowed(store: Store, dataset: Dataset, scope: Scope) -> tuple[Example, ...]:
    """The examples of a frozen dataset that may be used for `scope` now: consent can have been withdrawn since.

    A conversation or an example that the store no longer holds was forgotten, and may be used for nothing: the dataset
    itself can have been read before.
    """
    held = {example for found in store.find(Dataset, id=dataset.id) for example in found.examples}
    consents = store.consents()
    parents = set(dataset.parents)
    spoken = {c.id: c for c in store.find(Conversation, character=dataset.character) if c.id in parents}
    allowed = {conversation.id for conversation in spoken.values() if allows(conversation, scope, consents)}
    ratings = store.ratings([turn.id for conversation in spoken.values() for turn in conversation.turns])
    # A corrected answer holds the words of the person who corrected it, whoever the conversation belongs to.
    withheld = {
        (conversation.id, rating.correction)
        for conversation in spoken.values()
        for turn in conversation.turns
        for rating in ratings[turn.id]
        if rating.correction and scope not in consents.get(rating.subject, frozenset())
    }
    return tuple(
        example
        for example in dataset.examples
        if example in held
        and example.conversation in allowed
        and not any((example.conversation, message.content) in withheld for message in example.messages)
    )


def _candidates(store: Store, scene: Scene) -> list[Candidate]:
    """Conversations of a character, the ones that people wrote first: they are the twins that others repeat.

    Of the hand-written ones only those that stand in the pack now: an edited one does not live on in the store.
    """
    slug, consents = scene.character.slug, store.consents()
    written = {conversation.id for conversation in scene.pack.starters(slug)}
    conversations = [
        conversation
        for conversation in store.find(Conversation, character=slug)
        if conversation.source is not Source.AUTHORED or conversation.id in written
    ]
    turns = [turn.id for conversation in conversations for turn in conversation.turns]
    scores, ratings, reviews = store.scores(turns), store.ratings(turns), store.reviews(turns)
    said = {turn: said_of(ratings[turn], reviews[turn], consents, frozenset((Scope.TRAIN,))) for turn in turns}
    order = [Source.AUTHORED, Source.PERSON, Source.IMPORTED, Source.SCRIPTURE, Source.SYNTHETIC]
    conversations.sort(key=lambda conversation: order.index(conversation.source))
    return [_candidate(conversation, scores, said) for conversation in conversations]


def _candidate(
    conversation: Conversation, scores: Mapping[str, Sequence[Score]], said: Mapping[str, Said]
) -> Candidate:
    if conversation.source is Source.AUTHORED:
        return Candidate(conversation, 1.0, validated=True)
    turns = tuple(replace(turn, answer=said[turn.id].correction or turn.answer) for turn in conversation.turns)
    values = [_quality(scores[turn.id], said[turn.id]) for turn in turns]
    known = [value for value in values if value is not None]
    quality = min(known) if len(known) == len(values) else None
    against = [rating for turn in turns for rating in said[turn.id].objections]
    rejected = [review for turn in turns if (review := said[turn.id].rejected)]
    liked = any(said[turn.id].liked for turn in turns) and not against and not rejected
    return Candidate(
        replace(conversation, turns=turns),
        max(quality or 0.0, LIKED) if liked else quality,
        validated=liked,
        objection=f"its speaker {'flagged' if against[0].flag else 'disliked'} an answer" if against else "",
        rejected=_rejection(rejected[0]) if rejected else "",
    )


def _quality(scores: Sequence[Score], said: Said) -> float | None:
    if said.liked:
        return LIKED
    # A like that was taken back leaves its score behind, and that counts no more.
    return next((score.value for score in scores if score.value is not None and score.rubric != BY_RATING), None)


def _rejection(review: Review) -> str:
    """Why an answer is out by this review, without the reviewer's own words: they may hold the speaker's."""
    if review.decision == "edit":
        return "an answer was edited in the words of somebody who does not allow 'train'"
    return f"an answer was rejected ({named(review) or 'no reason given'})"


def _mixed(selected: Sequence[Candidate], share: float) -> list[Candidate]:
    people = [c for c in selected if c.conversation.source is not Source.SYNTHETIC]
    machine = [c for c in selected if c.conversation.source is Source.SYNTHETIC]
    machine.sort(key=lambda candidate: (-(candidate.quality or 0.0), candidate.conversation.id))
    most = round(share * len(people)) if people else len(machine)
    return people + machine[:most]


def _sampled(chosen: list[Candidate], most: int | None, seed: int) -> list[Candidate]:
    if most is None or len(chosen) <= most:
        return chosen
    ids = sorted((candidate.conversation.id for candidate in chosen), key=lambda key: digest([seed, "most", key]))
    drawn = set(ids[:most])
    return [candidate for candidate in chosen if candidate.conversation.id in drawn]


def _splits(chosen: Sequence[Candidate], seed: int) -> dict[str, Split]:
    """What is held out, drawn from what people wrote: theirs is the voice that is to be met."""
    people = [c.conversation.id for c in chosen if c.conversation.source is not Source.SYNTHETIC]
    pool = people if len(people) >= MINIMUM_EXAMPLES else [c.conversation.id for c in chosen]
    drawn = sorted(pool, key=lambda key: digest([seed, key]))
    validation, test = (max(2, round(share * len(pool))) for share in (VALIDATION, TEST))
    return {
        **dict.fromkeys(drawn[:validation], "validation"),
        **dict.fromkeys(drawn[validation : validation + test], "test"),
    }


def _other_wordings(scene: Scene, guard: ProbeGuard, most: int) -> Mapping[str, Sequence[str]]:
    """Up to `most` wordings of each hand-written conversation, by its id: no probe, nor nearly one, and no crisis.

    One without any is asked in its own words: a model learns to use what is recalled in packs without wordings too.
    """
    slug = scene.character.slug
    written = scene.pack.wordings(slug)

    def asked(starter: Conversation) -> Sequence[str]:
        usable = (w for w in written.get(starter.id, ()) if not guard.overlaps(w) and crisis(w) is None)
        return list(islice(usable, most)) or [starter.turns[0].question]

    return {starter.id: asked(starter) for starter in scene.pack.starters(slug)}


def _examples(
    scene: Scene, candidate: Candidate, split: Split, asked: Mapping[str, Sequence[str]] | None
) -> Iterator[Example]:
    """The conversation as it was held and, in the train split, once more for each way in which it is also `asked`.

    None is for a model that learns no other wordings, and answers beside what is recalled.
    """
    conversation = candidate.conversation
    quality = round(candidate.quality if candidate.quality is not None else 0.0, 4)
    wordings = (asked or {}).get(conversation.id, ()) if split == "train" else ()
    for wording in (None, *wordings):
        messages = render_whole(scene.character, scene.staged(conversation, wording=wording, recalling=asked is None))
        yield Example(
            conversation.id, conversation.character, messages, quality, candidate.validated, conversation.source, split
        )


def _report(kept: Filtered, chosen: Sequence[Candidate]) -> dict[str, Json]:
    sources = Counter(str(candidate.conversation.source) for candidate in chosen)
    return {**kept.report(), "sources": dict(sources), "not_drawn": len(kept.selected) - len(chosen)}
