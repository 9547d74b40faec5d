"""An answer on its way: as much of it as its reader saw is kept, for the case that the program is killed.

What broke off is a Draft and never a Turn: no history, no dataset, no rating can meet it.
"""

import uuid
from dataclasses import replace

from emmaus.chat.speaker import Awaited, Speaker
from emmaus.store import Store
from emmaus.types import Conversation, Draft, Scope

EVERY = 1.0
"""Seconds of an answer that are lost at most."""


class Drafting:
    """Keeps what was said so far of one answer, where its reader allows to keep anything."""

    def __init__(
        self, store: Store, subject: str, speaker: Speaker | Awaited, kept: Conversation | None, question: str
    ) -> None:
        self._store = store
        self._clock = speaker.clock
        conversation = kept.id if kept else None
        self._draft = Draft(
            "f" + uuid.uuid4().hex[:16], speaker.slug, subject, conversation, question, "", self._clock()
        )
        self._written = False

    def tell(self, piece: str) -> None:
        """Take the next piece; it is written when the last time is `EVERY` seconds ago."""
        self._draft = replace(self._draft, text=self._draft.text + piece)
        if self._clock() - self._draft.at >= EVERY:
            self._write()

    def finished(self) -> None:
        """The answer is whole: what was kept of it on its way goes."""
        if self._written:
            self._store.remove(Draft, id=self._draft.id)

    def broke_off(self) -> list[Draft]:
        """The answer ends here: what its reader saw, and nothing where they saw nothing."""
        if not self._draft.text.strip():
            self.finished()
            return []
        self._write()
        return [self._draft]

    def _write(self) -> None:
        if Scope.STORE not in self._store.consent(self._draft.subject):
            self.finished()
            return
        self._draft = replace(self._draft, at=self._clock())
        if not self._written:
            self._store.add(self._draft)
        else:
            self._store.update(self._draft)
        self._written = True


def drafts_of(store: Store, subject: str, kept: Conversation) -> list[Draft]:
    """Return the answers of a kept conversation that broke off, oldest first."""
    return store.find(Draft, subject=subject, conversation=kept.id)
