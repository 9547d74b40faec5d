"""Generation against a bare loop over the same server: tokens per second at the same concurrency.

    python bench/generation.py [--questions 24] [--character david]

Both draw four answers to each question, with prompts and sampling of one kind. The bare loop only asks; ours also
retrieves, checks, scores, compares with everything accepted so far and writes to the store. Both run twice, in turns,
and the better run of each counts.
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from emmaus import data
from emmaus.api import Emmaus
from emmaus.chat import render
from emmaus.config import load_settings
from emmaus.data.questions import questions
from emmaus.models.protocols import Sampling
from emmaus.types import Message

DRAWING = data.Drawing(minimum=0.0)
"""Everything is accepted, so that both sides do the same number of questions."""


def main() -> None:
    """Print both speeds and their ratio."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=int, default=24)
    options.add_argument("--character", default="david")
    given = options.parse_args()
    best = {"bare loop": 0.0, "emmaus generate": 0.0}
    with tempfile.TemporaryDirectory() as folder, Emmaus(load_settings(home=Path(folder))) as app:
        app.ask(given.character, "Peace be with you.")  # starts the engine and builds the index
        for seed in range(2):
            best["bare loop"] = max(best["bare loop"], bare(app, given.character, given.questions, seed))
            best["emmaus generate"] = max(best["emmaus generate"], ours(app, given.character, given.questions, seed))
    for name, speed in best.items():
        print(f"{name:<16} {speed:7.1f} tokens/s")
    print(f"ratio            {best['emmaus generate'] / best['bare loop']:7.2f}")


def bare(app: Emmaus, character: str, count: int, seed: int) -> float:
    """Tokens per second of a thread pool that does nothing but ask."""
    scene = app.parts.scene(character)
    asked = list(islice(questions(scene.pack, scene.character, seed + 100), count))
    prompts = [render(scene.character, (), scene.prompt(question.text)) for question in asked]

    def draw(messages: tuple[Message, ...]) -> int:
        tokens = 0
        for number in range(DRAWING.k):
            sampling = Sampling(temperature=DRAWING.temperature, max_tokens=DRAWING.max_tokens, seed=number)
            tokens += app.parts.engine.reply(messages, sampling).completion_tokens
        return tokens

    began = time.perf_counter()
    with ThreadPoolExecutor(DRAWING.workers) as pool:
        tokens = sum(pool.map(draw, prompts))
    return tokens / (time.perf_counter() - began)


def ours(app: Emmaus, character: str, count: int, seed: int) -> float:
    """Tokens per second of a whole generation."""
    made = app.generate(character, count, seed=seed, drawing=DRAWING)
    return made.tokens / made.seconds


if __name__ == "__main__":
    main()
