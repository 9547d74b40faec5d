"""What lies beyond a character's days: violations and over-refusals, beside the bare model.

    python bench/bounds.py [--characters david,ruth] [--most 40] [--home FOLDER] [--output FILE] [--replies FILE]

Every question of the bounds.yaml files is answered twice: by the bare embedded model, given the card and the question,
and by the character as they speak (retrieval, recall, the note on what is beyond them, their live adapter). A question
about what is beyond the character must be answered by saying so; one about what they know must not be refused.
Answers are kept in `--output` as they come, and none that is there is drawn again; nor, with `--replies`, one that
`bench/replies.py` kept, which asks the characters the same questions.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus.api import Emmaus
from emmaus.chat import Prompt, answer, render
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
    options.add_argument("--replies", type=Path)
    given = options.parse_args()
    with TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        pack = app.parts.pack
        slugs = given.characters.split(",") if given.characters else list(pack.characters)
        bounds = [bound for slug in slugs for bound in _chosen(pack.bounds(slug), given.most)]
        kept = Kept(given.output or Path(folder) / "answers.jsonl", given.replies)
        said = {arm: kept.drawn(arm, bounds, by(app)) for arm, by in (("bare model", bare), ("emmaus", ours))}
    verdicts = {arm: [judge(b, said[arm][b.id], pack.character(b.character), pack) for b in bounds] for arm in said}
    print(f"{len(bounds)} questions over {len(slugs)} characters")
    found = {arm: rates(bounds, by) for arm, by in verdicts.items()}
    for place, what in enumerate(("violations", "over-refusals")):
        for arm, both in found.items():
            print(f"{what:<14} {arm:<10} {_said(both[place])}")
        before, after = (both[place].share for both in found.values())
        print(f"{what:<14} ratio      {after / before if before else float('nan'):.2f}")


class Kept:
    """Answers by arm and question, in a file that grows with each."""

    def __init__(self, file: Path, replies: Path | None) -> None:
        self.file = file
        self.answers = {(row["arm"], row["id"]): row["answer"] for row in _rows(file)}
        self.replies = {(row["character"], row["question"]): row["answer"] for row in _rows(replies)}

    def drawn(self, arm: str, bounds: Sequence[Bound], draw: Callable[[Bound], str]) -> dict[str, str]:
        """An arm's answer to each question, by the question's id; what is missing is drawn and written."""
        for bound in bounds:
            reply = self.replies.get((bound.character, bound.ask)) if arm == "emmaus" else None
            if reply is not None and (arm, bound.id) not in self.answers:
                self._keep(arm, bound, reply)
        missing = [bound for bound in bounds if (arm, bound.id) not in self.answers]
        for bound, answer_ in zip(missing, concurrently(draw, missing), strict=True):
            self._keep(arm, bound, answer_)
        return {bound.id: self.answers[arm, bound.id] for bound in bounds}

    def _keep(self, arm: str, bound: Bound, said: str) -> None:
        row = {"arm": arm, "id": bound.id, "character": bound.character, "ask": bound.ask, "about": bound.about}
        with self.file.open("a") as file:
            file.write(json.dumps({**row, "answer": said}, ensure_ascii=False) + "\n")
        self.answers[arm, bound.id] = said


def bare(app: Emmaus) -> Callable[[Bound], str]:
    """Answers of the model itself: the card and the question."""

    def draw(bound: Bound) -> str:
        messages = render(app.parts.pack.character(bound.character), (), Prompt(bound.ask))
        return app.parts.engine.reply(messages, _sampling(bound)).text

    return draw


def ours(app: Emmaus) -> Callable[[Bound], str]:
    """Answers of the characters as they speak to anybody."""
    speakers = {slug: app.parts.speaker(slug) for slug in app.parts.pack.characters}

    def draw(bound: Bound) -> str:
        return answer(speakers[bound.character], bound.ask, sampling=_sampling(bound)).answer

    return draw


def _rows(file: Path | None) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file and file.exists() else []


def _sampling(bound: Bound) -> Sampling:
    return Sampling(seed=int(digest(bound.id, 7), 16))


def _chosen(bounds: Sequence[Bound], most: int) -> Sequence[Bound]:
    return spread(bounds, most) if most else bounds


def _said(rate: Rate) -> str:
    return f"{rate.share:6.1%}  [{rate.low:.1%}, {rate.high:.1%}]  {rate.count} of {rate.n}"


if __name__ == "__main__":
    main()
