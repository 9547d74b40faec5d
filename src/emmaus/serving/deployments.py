"""Which adapter a character speaks through: promoted only on evidence, rolled back at any time."""

import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from emmaus.errors import EmmausError, GateHeld, NotFound
from emmaus.store import Store
from emmaus.types import Adapter, AuditEvent, Deployment, Evaluation, digest

EMBEDDED = "embedded"
"""The target that every installation has: the engine inside."""
_LOOK = "look what is live, then decide again"


def current(store: Store, character: str) -> Deployment | None:
    """The deployment in force, or None where nothing was promoted yet."""
    history = store.find(Deployment, character=character)
    return history[-1] if history else None


def live_adapters(store: Store) -> dict[str, Adapter]:
    """The adapter in force of every character that has one."""
    latest = {deployment.character: deployment for deployment in store.find(Deployment)}
    return {slug: store.get(Adapter, d.adapter) for slug, d in latest.items() if d.adapter is not None}


def words(store: Store, adapter: str | None) -> str:
    """Say in words what is spoken through: an adapter of a character, the one that ships, or the bare base model."""
    if adapter is None:
        return "the bare base model"
    found = store.find(Adapter, id=adapter)
    return f"version {found[0].version} ({adapter})" if found else f"the adapter that ships ({adapter})"


def promote(
    store: Store,
    home: Path,
    evaluation: Evaluation,
    *,
    starter: str | None = None,
    by: str,
    clock: Callable[[], float] = time.time,
) -> Deployment:
    """Deploy the candidate of an evaluation whose gate said so. Promoting what is live already changes nothing.

    `starter` is the id of the adapter that ships: what is spoken through where nothing of the character is live.

    Raises:
        GateHeld: the gate held it, or something else went live since the evaluation was made.
        EmmausError: the adapter's files are not those that were evaluated, or something else went live just now.
    """
    live = current(store, evaluation.character)
    if live and live.adapter == evaluation.candidate:
        return live
    if not evaluation.decision.promote:
        raise GateHeld(f"the gate holds {evaluation.candidate}: {'; '.join(evaluation.decision.reasons)}")
    incumbent = (live.adapter if live else None) or starter
    if incumbent != evaluation.incumbent:
        raise GateHeld(
            f"{evaluation.candidate} was evaluated against {words(store, evaluation.incumbent)}, but "
            f"{words(store, incumbent)} is live now: emmaus evaluate {evaluation.character}"
        )
    adapter = store.get(Adapter, evaluation.candidate)
    _verify(home, adapter)
    return _deploy(store, evaluation.character, adapter.id, evaluation.id, live, by, clock())


def rollback(
    store: Store, character: str, *, deployment: str | None = None, by: str, clock: Callable[[], float] = time.time
) -> Deployment:
    """Go back to what the live adapter replaced when it was promoted: an earlier adapter, or none of their own.

    `deployment` is the id of the one to be taken back: the same request, given twice, goes back once.

    Raises:
        NotFound: nothing was ever deployed, or the character speaks through no adapter of their own already.
        EmmausError: `deployment` is not the one in force, or the files of the earlier adapter are not those that were
            deployed.
    """
    history = store.find(Deployment, character=character)  # read once: two at the same time write the same record
    standing = _standing(history)
    if not standing:
        raise NotFound(f"{character} speaks through no adapter of their own: there is nothing to roll back")
    live = history[-1]
    if deployment is not None and deployment != live.id:
        raise EmmausError(f"nothing was rolled back, for another deployment of {character} is in force by now: {_LOOK}")
    before = standing[-2] if len(standing) > 1 else None
    if before:
        _verify(store.home, store.get(Adapter, before))
    return _deploy(store, character, before, None, live, by, clock())


def replaced(store: Store, character: str) -> str | None:
    """Id of the adapter that the live one replaced when it was promoted; None where there was none of the character.

    A rollback is a deployment too, so it undoes promotions one by one: rolling back twice goes two steps back, and not
    there and back again.
    """
    standing = _standing(store.find(Deployment, character=character))
    return standing[-2] if len(standing) > 1 else None


def _standing(history: Iterable[Deployment]) -> list[str]:
    """Ids of the adapters that were promoted and not rolled back; the last one is live."""
    standing: list[str] = []
    for deployment in history:
        if deployment.evaluation and deployment.adapter:
            standing.append(deployment.adapter)
        elif standing:
            standing.pop()
    return standing


def _deploy(
    store: Store, slug: str, adapter: str | None, evaluation: str | None, live: Deployment | None, by: str, at: float
) -> Deployment:
    replaced = live.id if live else None
    key = "y" + digest([slug, adapter, evaluation, replaced])
    act, detail = "promote" if evaluation else "rollback", words(store, adapter)
    noted = AuditEvent(key, at, by, act, slug, detail)  # by the same id: two who do it at once did it once
    deployed = store.deploy(Deployment(key, slug, adapter, EMBEDDED, evaluation, replaced, by, at), noted)
    if deployed is None:
        raise EmmausError(f"nothing was changed, for another deployment of {slug} came into force meanwhile: {_LOOK}")
    return deployed


def _verify(home: Path, adapter: Adapter) -> None:
    """Refuse an artifact that changed since it was registered: what is served must be what was evaluated."""
    file = home / adapter.gguf
    again = f"the training that made it makes it again, given the same options: emmaus train {adapter.dataset}"
    if not file.exists():
        raise EmmausError(f"{file} is missing: {again}")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != adapter.files.get(file.name):
        raise EmmausError(f"{file} is not the file that was evaluated (its hash differs): {again}")
