"""Reads and does Job: which kinds of long work there are, and where each is done.

**In a process of its own, where it is heavy.** Generating, training and evaluating take all cores and gigabytes. In
the process that serves the pages, or beside it with equal rights, they would halve the speed of every answer, and a
process that the system kills for its memory would take the app with it. So each such job gets a child process that goes
last on the cores (`models.priority`), opens the same home with the same settings, does this one job and ends. Its
engine and its threads inherit that, its memory is free when it ends, and the engine that answers people is not stopped
for a training. The price is a second engine (some 330 MB) and two seconds to start.

**In a thread of this process, where it is light** (it waits for a network, say), and where the home was opened with a
model or an embedder given as an object: an object cannot travel.
"""

from emmaus.work.kinds import KINDS, Kind, plan
from emmaus.work.places import background, here

__all__ = ["KINDS", "Kind", "background", "here", "plan"]
