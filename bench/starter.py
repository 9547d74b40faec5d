"""The adapter that ships beside the bare model: every character, on questions that no training saw.

    python bench/starter.py [--probes 10] [--home FOLDER] [--card src/emmaus/models/starter/card.json]

Each character answers the same probes twice, with the same verses, recalled answers and seeds. Checked as every answer
is, in pairs; the differences stand with their 95 % intervals. `--card` writes them into the adapter's card. The same
call again goes on where it stopped, in the same home.
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus.api import Emmaus
from emmaus.config import load_settings
from emmaus.evals import spread
from emmaus.evals.answers import answers
from emmaus.evals.metrics import measure
from emmaus.evals.statistics import paired_difference
from emmaus.types import Difference, plain

METRICS = (
    "composite",
    "addresses",
    "first_person",
    "fluent",
    "in_time",
    "true_life",
    "true_names",
    "quotation",
    "distinct",
)


def main() -> None:
    """Print each metric of both arms, and the composite of each character."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--probes", type=int, default=10, help="of each character")
    options.add_argument("--home", type=Path)
    options.add_argument("--card", type=Path)
    given = options.parse_args()
    measured: dict[str, tuple[list[dict[str, float]], list[dict[str, float]]]] = {}
    with TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        shipped = app.parts.starter
        if shipped is None:
            raise SystemExit("no adapter ships for this model: make one with tools/starter_adapter.py")
        for slug in app.parts.pack.characters:
            probes = spread(app.parts.pack.probes(slug), given.probes)
            arms = []
            for bare in (True, False):
                speaker = app.parts.speaker(slug, bare=bare, to_a_person=False)
                turns = answers(speaker, probes, app.parts.cache / "answers")
                arms.append(measure(turns, speaker.scene, app.parts.embedder))
            measured[slug] = (arms[0], arms[1])
            print(f"{slug:<10} {_said(_difference('composite', *measured[slug]))}", flush=True)
    before, after = ([row for both in measured.values() for row in both[arm]] for arm in range(2))
    differences = [_difference(metric, before, after) for metric in METRICS]
    for difference in differences:
        print(f"{difference.metric:<14} {_said(difference)}")
    if given.card:
        card = json.loads(given.card.read_text())
        card["evaluation"] = {"adapter": shipped.id, "differences": [plain(difference) for difference in differences]}
        given.card.write_text(json.dumps(card, indent=2) + "\n")


def _difference(metric: str, before: list[dict[str, float]], after: list[dict[str, float]]) -> Difference:
    pairs = [
        (old[metric], new[metric]) for old, new in zip(before, after, strict=True) if metric in old and metric in new
    ]
    return paired_difference(metric, [old for old, _ in pairs], [new for _, new in pairs])


def _said(one: Difference) -> str:
    return f"{one.incumbent:.3f} -> {one.candidate:.3f}  {one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]  n {one.n}"


if __name__ == "__main__":
    main()
