"""Reads and writes every record: the only SQL of the house, one SQLite file in the home folder.

Knows nothing of what the records are for, but the words that people agree to: what they allow holds for these alone.
See `Store` for what can be asked of it.
"""

from emmaus.store import conversations, counting, ledger, reviewing
from emmaus.store.agreement import policy
from emmaus.store.facts import FORGOTTEN
from emmaus.store.lock import held, lock
from emmaus.store.opening import FILE, open_store
from emmaus.store.store import Store

__all__ = [
    "FILE",
    "FORGOTTEN",
    "Store",
    "conversations",
    "counting",
    "held",
    "ledger",
    "lock",
    "open_store",
    "policy",
    "reviewing",
]
