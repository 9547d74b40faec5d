"""Seconds to the first words of an answer: through the app, against the engine that is asked the same prompt directly.

    python bench/first_token.py [--questions 60] [--engine scripted|embedded] [--character david]

One question at a time, as one reader asks: over HTTP with server-sent events, in a talk of its own; and the engine with
the prompt that the app makes of such a question. `scripted` is an engine that needs a quarter of a second for its first
word and nothing else, so that what is left is the app's own; `embedded` is the model that ships. No prompt is read
twice by the embedded engine, which would answer from its cache: the two sides take questions in turns.

The app shows a word when it is whole, which is known when the next one begins; the engine is timed to there too.
Answers whose first sentence the app holds back on purpose, because a character is asked about what lies beyond them,
are counted and left out.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from emmaus.accounts import keys
from emmaus.accounts.person import at_this_computer
from emmaus.api import Emmaus
from emmaus.chat import render
from emmaus.config import Settings
from emmaus.data.questions import questions
from emmaus.models.protocols import End, Sampling
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Scope
from emmaus.web import serving
from served import ANSWER

THINKS = 0.25
"""Seconds for which the scripted engine reads its prompt: about what the embedded one takes."""
WARM = 6


class Thinking(ScriptedModel):
    """Needs a while for its first word, as an engine that reads a prompt."""

    def __init__(self) -> None:
        super().__init__(ANSWER)

    def stream(self, *asked: Any, **how: Any) -> Generator[str, None, End | None]:
        """Answer as the script says, after a while."""
        time.sleep(THINKS)
        return (yield from super().stream(*asked, **how))


@dataclass
class Side:
    """Seconds to the first words, of each question."""

    name: str
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        middle, worst = 1000 * median(self.seconds), 1000 * quantiles(self.seconds, n=20)[-1]
        return f"{self.name:8} {middle:8.1f} ms median {worst:8.1f} ms p95   n {len(self.seconds)}"


def main() -> None:
    """Print both sides, and the difference of their medians."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=int, default=60)
    options.add_argument("--engine", choices=("scripted", "embedded"), default="scripted")
    options.add_argument("--character", default="david")
    given = options.parse_args()
    model = Thinking() if given.engine == "scripted" else None
    with tempfile.TemporaryDirectory() as folder, Emmaus(Settings(home=Path(folder)), model=model) as app:
        app.consent({Scope.STORE})
        scene = app.parts.scene(given.character)
        asked = [
            next_.text
            for next_, _ in zip(questions(scene.pack, scene.character, 7), range(10 * given.questions), strict=False)
        ]
        plain = [text for text in asked if scene.beyond(scene.prompt(text)) is None]
        print(f"held back on purpose: {len(asked) - len(plain)} of {len(asked)} questions")
        with serving(app) as (address, door):
            key, _ = keys.add(app.store, at_this_computer(door.subject), "bench", keys.ALL, clock=app.clock)
            sides = measured(app, address, key, given.character, plain[: 2 * given.questions + 2 * WARM])
    print(*sides, sep="\n")
    print(f"overhead {1000 * (median(sides[1].seconds) - median(sides[0].seconds)):8.1f} ms")


def measured(app: Emmaus, address: str, key: str, character: str, asked: Sequence[str]) -> tuple[Side, Side]:
    """Ask the engine and the app in turns; the first questions of each count for nothing."""
    bare, through = Side("engine"), Side("app")
    for number, question in enumerate(asked):
        if number % 2:
            through.seconds.append(streamed(address, key, character, question))
        else:
            bare.seconds.append(direct(app, character, question))
    for side in (bare, through):
        del side.seconds[:WARM]
    return bare, through


def direct(app: Emmaus, character: str, question: str) -> float:
    """Seconds until the engine itself has said a word to the prompt that the app would give it."""
    speaker = app.parts.speaker(character)
    messages = render(speaker.character, (), speaker.scene.prompt(question))
    began = time.perf_counter()
    coming = speaker.model.stream(messages, Sampling(), adapter=speaker.adapter)
    said = next(coming)
    while " " not in said.lstrip():
        said += next(coming)
    seconds = time.perf_counter() - began
    coming.close()
    return seconds


def streamed(address: str, key: str, character: str, question: str) -> float:
    """Seconds until the app sends the first words; the reader leaves then."""
    place = urlsplit(address)
    assert place.hostname is not None
    connection = http.client.HTTPConnection(place.hostname, place.port)
    body = json.dumps({"question": question})
    connection.connect()
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", f"/api/chat/{character}/stream", body, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    while not answer.readline().startswith(b"event: text"):
        pass
    seconds = time.perf_counter() - began
    connection.close()
    time.sleep(0.1)  # the engine is told that its reader left
    return seconds


if __name__ == "__main__":
    main()
