"""Make the vectors of hand-written conversations that ship with a pack, where they are not of its present words.

    python tools/recall_vectors.py [PACK]

Whoever changes `starters.yaml` runs it again. 12 seconds for David, of 547 conversations.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus.grounding.recall import SHIPPED, Recall
from emmaus.models.embedding import MiniLM
from emmaus.packs import load_pack


def main() -> None:
    """Embed what has changed, and say of whom."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("pack", type=Path, nargs="?", help="folder of the pack; default: the Bible")
    pack = load_pack(options.parse_args().pack)
    embedder = MiniLM()
    for slug in pack.characters:
        with TemporaryDirectory() as cache:
            recall = Recall.of(slug, pack, embedder, Path(cache))
            if recall.is_ready:
                continue
            file = pack.folder / SHIPPED / f"{slug}.npz"
            file.parent.mkdir(parents=True, exist_ok=True)
            recall.save(file)
            sys.stdout.write(f"{file}: {len(recall)} conversations\n")


if __name__ == "__main__":
    main()
