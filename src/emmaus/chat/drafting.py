"""Answers on their way: as much of each as its reader saw is kept, for the case that the program is killed.

What broke off is a Draft and never a Turn: no history, no dataset, no rating can meet it. Once a second one thread
writes all answers of a store that grew, together: written one by one, those of 200 readers held up every rating.
"""

import logging
import uuid
from dataclasses import replace
from threading import Condition, Lock, Thread

from emmaus.chat.speaker import Awaited, Speaker
from emmaus.errors import EmmausError
from emmaus.store import Store
from emmaus.types import Conversation, Draft, sound

EVERY = 1.0
"""Seconds of an answer that are lost at most."""
_log = logging.getLogger(__name__)


class Drafting:
    """What was said so far of one answer; it is kept where its reader allows to keep anything."""

    def __init__(
        self, store: Store, subject: str, speaker: Speaker | Awaited, kept: Conversation | None, question: str
    ) -> None:
        self._clock = speaker.clock
        self._drafter = _drafter(store)
        conversation = kept.id if kept else None
        id, asked = "f" + uuid.uuid4().hex[:16], sound(question)
        begun = Draft(id, speaker.slug, subject, conversation, asked, "", self._clock())
        self.draft = begun
        """As it stands now."""
        self._begun = False
        self.over = False
        """Whether it ended."""

    def tell(self, piece: str) -> None:
        """Take the next piece; it is written within `EVERY` seconds."""
        self.draft = replace(self.draft, text=self.draft.text + sound(piece), at=self._clock())
        if not self._begun:
            self._begun = True
            self._drafter.begin(self)

    def finished(self) -> None:
        """The answer is whole: what was kept of it on its way goes."""
        self._drafter.ended(self, keep=False)

    def broke_off(self) -> list[Draft]:
        """The answer ends here: what its reader saw, and nothing where they saw nothing."""
        seen = bool(self.draft.text.strip())
        self._drafter.ended(self, keep=seen)
        return [self.draft] if seen else []


class _Drafter:
    """Writes the answers on their way into one store. Its thread ends when there are none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, Drafting] = {}
        self._written: dict[str, Draft] = {}
        self._busy: set[str] = set()
        self._change = Condition()
        self._writing = Lock()
        self._thread: Thread | None = None

    def begin(self, drafting: Drafting) -> None:
        """Write this one from now on, unless it has ended."""
        with self._change:
            if drafting.over:
                return
            self._open[drafting.draft.id] = drafting
            if self._thread is None:
                thread = Thread(target=self._write_all, daemon=True)
                thread.start()
                self._thread = thread

    def ended(self, drafting: Drafting, *, keep: bool) -> None:
        """Write this one no more; it stays as it is now, or goes."""
        id = drafting.draft.id
        with self._change:
            drafting.over = True
            self._open.pop(id, None)
            if not self._open:
                self._change.notify()
                if _drafters.get(self._store) is self:
                    del _drafters[self._store]
            if not keep and id not in self._written and id not in self._busy:
                return
        with self._writing:  # what is just being written would come after
            known = self._written.pop(id, None)
            try:
                if keep:
                    self._store.draft([drafting.draft], {id} if known else ())
                elif known:
                    self._store.remove(Draft, id=id)
            except EmmausError as error:  # it is told where an answer is to be kept, and why this one ended
                _log.warning("what came of an answer on its way is not written down: %s", error)

    def _write_all(self) -> None:
        while True:
            with self._change:
                drafts = [drafting.draft for drafting in self._open.values()]
                self._busy = {draft.id for draft in drafts}
            with self._writing:
                self._write([draft for draft in drafts if draft.id in self._open])
            with self._change:
                self._busy = set()
                if self._change.wait_for(lambda: not self._open, EVERY):
                    self._thread = None
                    return

    def _write(self, drafts: list[Draft]) -> None:
        grown = [draft for draft in drafts if self._written.get(draft.id) is not draft]
        if not grown:
            return
        try:
            kept = self._store.draft(grown, self._written.keys())
        except EmmausError as error:  # it is told where an answer is to be kept
            _log.warning("answers on their way are not written down: %s", error)
            return
        for draft in grown:
            if draft.id in kept:
                self._written[draft.id] = draft
            else:
                self._written.pop(draft.id, None)


_drafters: dict[Store, _Drafter] = {}
"""Of the stores into which something is on its way."""


def _drafter(store: Store) -> _Drafter:
    return _drafters.setdefault(store, _Drafter(store))


def drafts_of(store: Store, subject: str, kept: Conversation) -> list[Draft]:
    """Return the answers of a kept conversation that broke off, oldest first."""
    return store.find(Draft, subject=subject, conversation=kept.id)
