"""The review of what characters said, for one open home."""

from collections.abc import Collection

from emmaus import data
from emmaus.home import Home
from emmaus.types import Review

LOCAL = "local"
"""Name of the person at this computer, as a reviewer."""


class Reviews:
    """What waits for a reviewer, what they decide, and how far they are. `character` None is all of the pack."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def queue(
        self, character: str | None = None, *, reviewer: str = LOCAL, limit: int | None = data.LISTED
    ) -> tuple[data.Waiting, ...]:
        """List what waits for this reviewer: flagged first, then the most doubtful, last what they skipped."""
        return data.queue(self._home.store, self._characters(character), reviewer, limit=limit)

    def get(self, turn: str) -> data.Waiting:
        """One answer as it stands now, whether or not it waits.

        Raises:
            NotConsented: a reviewer may not read it.
            NotFound: it is not kept.
        """
        return data.waiting(self._home.store, turn)

    def decide(
        self,
        turn: str,
        decision: data.Verdict,
        *,
        reviewer: str = LOCAL,
        reasons: Collection[str] = (),
        note: str = "",
        correction: str | None = None,
        version: str | None = None,
    ) -> Review:
        """Accept, edit, reject or skip an answer, or take back what was decided. Raises as `data.decide` does.

        `version` is that of the `Waiting` that was looked at: where somebody decided since, this is refused.
        """
        return data.decide(
            self._home.store,
            self._home.scene,
            turn,
            reviewer,
            decision,
            reasons=reasons,
            note=note,
            correction=correction,
            version=version,
            clock=self._home.clock,
        )

    def counts(self, character: str | None = None) -> tuple[data.Reviewed, ...]:
        """Say of each character how much waits and what was decided."""
        return data.reviewed(self._home.store, self._characters(character))

    def _characters(self, character: str | None) -> tuple[str, ...]:
        if character is not None:
            return (self._home.character(character).slug,)
        store, pack = self._home.store, self._home.pack
        return tuple(slug for slug in pack.characters if store.pack_of(slug) in (None, pack.name))
