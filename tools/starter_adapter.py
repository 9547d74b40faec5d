"""Make the starter adapter that ships: one LoRA of the embedded model for all characters of the Bible pack.

    python tools/starter_adapter.py OUTPUT [--most 70] [--epochs 1] [--rank 16] [--home FOLDER]

Freezes up to `--most` hand-written conversations of every character (each once with nothing recalled and once, in
another wording, with itself recalled), trains one adapter on all of them, and writes its GGUF and the facts of its card
into OUTPUT. The same call again goes on where it stopped.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus import training
from emmaus.api import Emmaus
from emmaus.cli.progress import shown
from emmaus.config import load_settings
from emmaus.data.export import row
from emmaus.training.files import sha256
from emmaus.types import Example, digest, plain


def main() -> None:
    """Make the adapter, and print its size and its losses."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("output", type=Path)
    options.add_argument("--most", type=int, default=70, help="conversations of each character")
    options.add_argument("--epochs", type=int, default=1)
    options.add_argument("--rank", type=int, default=16)
    options.add_argument("--home", type=Path)
    given = options.parse_args()
    recipe = training.Recipe(epochs=given.epochs, rank=given.rank, alpha=given.rank)
    with TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        examples = [e for slug in app.parts.pack.characters for e in app.freeze(slug, most=given.most).examples]
        written = write(examples, given.output / "examples.jsonl")
        with shown("training") as report:
            trained = app.train_file(written, given.output / "adapter", recipe=recipe, report=report)
        gguf = given.output / "starter.gguf"
        shutil.copyfile(trained.gguf, gguf)
        card = {
            "base": app.parts.base_file.name,
            "base_sha256": sha256(app.parts.base_file),
            "sha256": sha256(gguf),
            "bytes": gguf.stat().st_size,
            "recipe": plain(recipe),
            "dataset": digest(examples),
            "conversations": len({example.conversation for example in examples}),
            "examples": sum(example.split == "train" for example in examples),
            "characters": list(app.parts.pack.characters),
            "learned": sorted({example.conversation for example in examples if example.split != "test"}),
            "metrics": plain(trained.metrics),
        }
        (given.output / "card.json").write_text(json.dumps(card, indent=2) + "\n")
    sys.stdout.write(f"{gguf}: {gguf.stat().st_size / 1e6:.1f} MB, {len(card['learned'])} conversations\n")


def write(examples: list[Example], file: Path) -> Path:
    """Write the examples as chat JSONL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row(example), ensure_ascii=False) + "\n" for example in examples))
    return file


if __name__ == "__main__":
    main()
