"""Train the small model in a process of its own, to be killed: `python -m tests.training.fit_small FOLDER STEP|-`."""

import os
import signal
import sys
from pathlib import Path

from tests.training.small import small_llama, small_tokens

from emmaus.training import lora, sft
from emmaus.training.checkpoint import Run
from emmaus.training.recipe import Recipe
from emmaus.types import Progress

RECIPE = Recipe(
    rank=4, alpha=8, dropout=0.1, epochs=4, batch=4, checkpoint_every=2, patience=9, precision="float32", seed=5
)


def fit(folder: Path, report: sft.Report, recipe: Recipe = RECIPE) -> tuple[Run, dict]:
    model = small_llama()
    sft.prepare(model, recipe)
    tokens = small_tokens(22)
    run = sft.fit(model, tokens[:18], tokens[18:], recipe, folder=folder, key="k", report=report)
    return run, lora.state(model)


def main(folder: Path, fatal: str) -> None:
    def report(progress: Progress) -> None:
        if fatal != "-" and progress.done == int(fatal):
            os.kill(os.getpid(), signal.SIGKILL)

    fit(folder, report)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
