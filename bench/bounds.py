"""What lies beyond a character's days: violations and over-refusals, beside the bare model.

    python bench/bounds.py [--characters david,ruth] [--most 40] [--home FOLDER] [--output answers.jsonl]

Every question of the bounds.yaml files is answered twice: by the bare embedded model, given the card and the question,
and by the character as they speak (retrieval, recall, the note on what is beyond them, their live adapter). A question
about what is beyond the character must be answered by saying so; one about what they know must not be refused.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus.api import Emmaus
from emmaus.chat import Prompt, Speaker, answer, render
from emmaus.config import load_settings
from emmaus.evals import spread
from emmaus.evals.answers import concurrently
from emmaus.evals.bounds import Rate, judge, rates
from emmaus.models.protocols import Sampling
from emmaus.types import Bound, digest


def main() -> None:
    """Print both rates of both arms and their ratios."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--characters", default="")
    options.add_argument("--most", type=int, default=0, help="questions of each character, 0 for all")
    options.add_argument("--home", type=Path)
    options.add_argument("--output", type=Path)
    given = options.parse_args()
    with TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        slugs = given.characters.split(",") if given.characters else list(app.parts.pack.characters)
        bounds = [bound for slug in slugs for bound in _chosen(app.parts.pack.bounds(slug), given.most)]
        arms = {"bare model": bare(app, bounds), "emmaus": ours(app, bounds)}
        judged = {
            arm: [
                judge(b, said, app.parts.pack.character(b.character), app.parts.pack) for b, said in pairs(bounds, of)
            ]
            for arm, of in arms.items()
        }
    if given.output:
        with given.output.open("w") as file:
            for arm, of in arms.items():
                for (bound, said), verdict in zip(pairs(bounds, of), judged[arm], strict=True):
                    row = {"arm": arm, "character": bound.character, "ask": bound.ask, "about": bound.about}
                    file.write(json.dumps({**row, "answer": said, "verdict": verdict}, ensure_ascii=False) + "\n")
    print(f"{len(bounds)} questions over {len(slugs)} characters")
    found = {arm: rates(bounds, verdicts) for arm, verdicts in judged.items()}
    for place, what in enumerate(("violations", "over-refusals")):
        for arm, both in found.items():
            print(f"{what:<14} {arm:<10} {_said(both[place])}")
        before, after = (both[place].share for both in found.values())
        print(f"{what:<14} ratio      {after / before if before else float('nan'):.2f}")


def pairs(bounds: Sequence[Bound], said: Sequence[str]) -> list[tuple[Bound, str]]:
    """Each question with its answer."""
    return list(zip(bounds, said, strict=True))


def bare(app: Emmaus, bounds: Sequence[Bound]) -> list[str]:
    """Answers of the model itself: the card and the question."""

    def draw(bound: Bound) -> str:
        messages = render(app.parts.pack.character(bound.character), (), Prompt(bound.ask))
        return app.parts.engine.reply(messages, _sampling(bound)).text

    return list(concurrently(draw, bounds))


def ours(app: Emmaus, bounds: Sequence[Bound]) -> list[str]:
    """Answers of the characters as they speak to anybody."""
    speakers: dict[str, Speaker] = {}

    def draw(bound: Bound) -> str:
        if bound.character not in speakers:
            speakers[bound.character] = app.parts.speaker(bound.character)
        return answer(speakers[bound.character], bound.ask, sampling=_sampling(bound)).answer

    return list(concurrently(draw, bounds))


def _sampling(bound: Bound) -> Sampling:
    return Sampling(seed=int(digest(bound.id, 7), 16))


def _chosen(bounds: Sequence[Bound], most: int) -> Sequence[Bound]:
    return spread(bounds, most) if most else bounds


def _said(rate: Rate) -> str:
    return f"{rate.share:6.1%}  [{rate.low:.1%}, {rate.high:.1%}]  {rate.count} of {rate.n}"


if __name__ == "__main__":
    main()
