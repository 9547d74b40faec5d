"""Reads and writes every record: the only SQL of the house, one SQLite file in the home folder.

Knows nothing of what the records are for, but the words that people agree to: what they allow holds for these alone.
See `Store` for what can be asked of it.
"""

from emmaus.store import counting
from emmaus.store.agreement import policy
from emmaus.store.lock import held, lock
from emmaus.store.store import Store, open_store

__all__ = ["Store", "counting", "held", "lock", "open_store", "policy"]
