"""Reads and writes Job: long work that can be watched, cancelled from another process, and resumed after any end.

Knows nothing of what the work is. What it produces goes into the store under the job's id, and resuming means looking
there for what is still missing.
"""

from emmaus.jobs.jobs import Ticket, Work, begin, cancel, run, running, state_of

__all__ = ["Ticket", "Work", "begin", "cancel", "run", "running", "state_of"]
