"""Generates in a process of its own, which a test may kill: `generating.py HOME N SEED DELAY`."""

import sys
from pathlib import Path

from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.data import Drawing
from emmaus.models.scripted import ScriptedModel
from parts import STOICS, WordVectors, varied


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(home, n, seed, delay):
    model = ScriptedModel(varied, delay=float(delay))
    with Emmaus(Settings(home=Path(home), pack=STOICS), model=model, embedder=WordVectors()) as app:
        made = app.generate(
            "epictetus",
            int(n),
            seed=int(seed),
            drawing=Drawing(k=2, workers=3, minimum=0.6),
            report=lambda progress: say(progress.done),
        )
    say("made", made.accepted, made.questions)


if __name__ == "__main__":
    main(*sys.argv[1:])
