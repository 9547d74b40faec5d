"""The consent ledger: what a person allows to be done with their words, as of now."""

import time
from collections.abc import Callable, Iterable, Mapping

from emmaus.errors import Conflict, NotConsented
from emmaus.store import Store, policy
from emmaus.types import ConsentEvent, Conversation, Scope, digest


def grant(
    store: Store,
    subject: str,
    scopes: Iterable[Scope],
    *,
    words: str | None = None,
    clock: Callable[[], float] = time.time,
) -> ConsentEvent:
    """Write into the ledger that exactly these scopes hold from now on; none withdraws everything.

    `review`, `train` and `share` are about what is stored, so each of them needs `store`. With `words`, the version of
    `policy` that the person was shown, nothing is written where those are not its words any more.

    Raises:
        Conflict: the words have changed since they were shown.
        NotConsented: a scope was given without `store`.
    """
    wanted, now = frozenset(scopes), policy()[1]
    if words is not None and words != now:
        raise Conflict("the words have changed since you were shown them, so nothing was saved: read them again")
    if wanted and Scope.STORE not in wanted:
        names = ", ".join(sorted(wanted))
        raise NotConsented(f"'{names}' is about conversations that are kept: allow 'store' with it, or nothing")
    at = clock()
    # The ledger's length makes two equal grants within one tick of the clock two lines of it.
    nonce = store.count(ConsentEvent)
    event = ConsentEvent("c" + digest([subject, sorted(wanted), at, nonce]), subject, wanted, now, at)
    return store.add(event)


def withdraw(store: Store, subject: str, *, clock: Callable[[], float] = time.time) -> ConsentEvent:
    """Withdraw every scope. What is stored stays until it is forgotten, and is used for nothing."""
    return grant(store, subject, (), clock=clock)


def lapsed(store: Store, subject: str) -> frozenset[Scope]:
    """What a person allowed last, where the words have changed since: none of it holds until they agree again."""
    latest = store.find(ConsentEvent, last=1, subject=subject)
    return latest[0].scopes if latest and latest[0].policy != policy()[1] else frozenset()


def allows(conversation: Conversation, scope: Scope, consents: Mapping[str, frozenset[Scope]]) -> bool:
    """Whether a conversation may be used for `scope` now. What no person said needs nobody's consent."""
    if conversation.subject is None:
        return True
    return scope in consents.get(conversation.subject, frozenset())
