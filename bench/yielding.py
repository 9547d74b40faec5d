"""Chat while background work runs, against chat alone.

    python bench/yielding.py [--questions 6] [--character david] [--home FOLDER]

The answers come from the embedded engine through a home, as `emmaus up` gives them, and the background work of the same
home runs beside them in its own process: nothing, a generation, nothing, a training, nothing. Each share is against the
mean of the rounds alone before and after it.

tokens/s      pieces of an answer after its first, by the seconds that they took
first token   seconds from a question that was not asked before to the first piece, its prompt read anew
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from emmaus.api import Emmaus
from emmaus.chat import render
from emmaus.config import load_settings
from emmaus.data.questions import questions
from emmaus.jobs import running
from emmaus.models.protocols import Sampling
from emmaus.types import Job

TOKENS = 64


@dataclass(frozen=True)
class Round:
    """What the chat was like for some questions."""

    speed: float
    first: float

    def against(self, *others: "Round") -> str:
        """This round, and its share of the mean of others."""
        speed = sum(other.speed for other in others) / len(others)
        first = sum(other.first for other in others) / len(others)
        return (
            f"{self}   {self.speed / speed:.2f} of the speed, first token after {self.first / first:.2f} times as long"
        )

    def __str__(self) -> str:
        return f"{self.speed:6.1f} tokens/s   first token {self.first:5.2f} s"


def main() -> None:
    """Print the five rounds."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=int, default=6)
    options.add_argument("--character", default="david")
    options.add_argument("--home", type=Path, help="A home of its own, kept with what is made only once.")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        asked = prompts(app, given.character)
        app.freeze(given.character, most=150)
        talk(app, given.character, asked, 2)
        app.background()
        rounds = [talk(app, given.character, asked, given.questions)]
        print(f"first round alone  {rounds[0]}", flush=True)
        for kind in ("generate", "train"):
            with at_work(app, kind, given.character):
                rounds.append(talk(app, given.character, asked, given.questions))
            rounds.append(talk(app, given.character, asked, given.questions))
    print(f"alone              {rounds[0]}")
    print(f"with generation    {rounds[1].against(rounds[0], rounds[2])}")
    print(f"alone              {rounds[2]}")
    print(f"with training      {rounds[3].against(rounds[2], rounds[4])}")
    print(f"alone              {rounds[4]}")


def prompts(app: Emmaus, character: str) -> Iterator[str]:
    """Questions that nobody asked yet."""
    scene = app.parts.scene(character)
    return (question.text for question in questions(scene.pack, scene.character, 7))


@contextmanager
def at_work(app: Emmaus, kind: str, character: str) -> Iterator[None]:
    """Have background work go on, well under way."""
    what = {"n": 1000} if kind == "generate" else {}
    job = app.start(kind, character, **what)
    before, began = job.done, time.monotonic()
    while (now := app.store.get(Job, job.id)).done <= before:
        assert now.state.value in ("queued", "running"), now.note
        time.sleep(0.2)
    print(f"{kind}: under way after {time.monotonic() - began:.0f} s", flush=True)
    done, began = now.done, time.monotonic()
    yield
    now = app.store.get(Job, job.id)
    assert now.state.value == "running", now
    print(f"{kind}: {now.done - done} done in the {time.monotonic() - began:.0f} s of the chat", flush=True)
    app.cancel(job.id)
    while running(app.parts.path, now):
        time.sleep(0.2)


def talk(app: Emmaus, character: str, asked: Iterator[str], count: int) -> Round:
    """Ask so many questions, one after another, as one person does."""
    speaker = app.parts.speaker(character)
    speeds, firsts = [], []
    for question in islice(asked, count):
        messages = render(speaker.character, (), speaker.scene.prompt(question))
        began = time.perf_counter()
        stream = speaker.model.stream(messages, Sampling(max_tokens=TOKENS, seed=0), adapter=speaker.adapter)
        stamps = [time.perf_counter() for _ in stream]
        firsts.append(stamps[0] - began)
        speeds.append((len(stamps) - 1) / (stamps[-1] - stamps[0]))
    return Round(median(speeds), median(firsts))


if __name__ == "__main__":
    main()
