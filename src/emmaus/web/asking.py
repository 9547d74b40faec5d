"""What a maintainer asks for on a page: the fields of its forms, and what it will take, said beforehand."""

import math
from typing import Any

from emmaus.api import Emmaus
from emmaus.errors import BadInput
from emmaus.jobs import curves
from emmaus.training import Recipe
from emmaus.types import Job, JobState
from emmaus.web.room import Fields, given

NUMBERS = (100, 1000, 10000)
"""How many conversations the page offers."""
MOST = 100_000
LONGEST = 100_000
"""Most minutes that a generation is given."""
SECONDS_EACH = 3.0
"""Seconds of a generated conversation where none was generated here yet: four answers of some 70 tokens each on two
cores, and one question in ten in vain."""
ENOUGH = 10
"""Conversations of a generation from which its speed is told."""


def whole(fields: Fields, name: str, what: str, least: int, most: int | None = None) -> int | None:
    """Read a whole number; None where the field is empty.

    Raises:
        BadInput: it is no number, or out of range.
    """
    text = given(fields, name).strip()
    if not text:
        return None
    plain = text.replace(",", "").replace(" ", "")
    number = int(plain) if plain.lstrip("-").isdecimal() and plain.isascii() and len(plain) < 12 else None
    if number is None or number < least or (most is not None and number > most):
        between = f"from {least:,} to {most:,}" if most is not None else f"of at least {least:,}"
        raise BadInput(f"{text!r} is no number of {what}: give a whole number {between}")
    return number


def share(fields: Fields, name: str, what: str) -> float | None:
    """Read a number from 0 to 1; None where the field is empty.

    Raises:
        BadInput: it is none.
    """
    text = given(fields, name).strip()
    try:
        value = float(text) if text else None
    except ValueError:
        value = math.nan
    if value is not None and not 0 <= value <= 1:
        raise BadInput(f"{text!r} is no {what}: give a number from 0 to 1, for example 0.7")
    return value


def number_of_conversations(fields: Fields) -> int:
    """Read how many conversations to generate: one of those offered, or, before them, a number of one's own.

    Raises:
        BadInput: it is no number, or out of range.
    """
    chosen = "own" if given(fields, "own").strip() or given(fields, "number") in ("", "own") else "number"
    number = whole(fields, chosen, "conversations", 1, MOST)
    if number is None:
        raise BadInput("say how many conversations to generate: for example 100")
    return number


def chosen_recipe(fields: Fields) -> Recipe:
    """Read how to train: what is not given is as in the starting recipe.

    Raises:
        BadInput: something is no number, or cannot train.
    """
    given: dict[str, Any] = {
        "epochs": whole(fields, "epochs", "epochs", 1, 100),
        "rank": whole(fields, "rank", "ranks", 1, 256),
        "seed": whole(fields, "seed", "seeds", 0),
    }
    given["alpha"] = given["rank"]
    return Recipe(**{name: value for name, value in given.items() if value is not None})


def next_seed(home: Emmaus, slug: str) -> int:
    """Return a seed that no generation of a character had: the same call again would find what it made already."""
    jobs = home.store.find(Job, character=slug)
    seeds = (job.request.get("seed") for job in jobs if job.kind == "generate")
    return max((seed + 1 for seed in seeds if isinstance(seed, int)), default=0)


def seconds_each(home: Emmaus) -> float:
    """Estimate the seconds of a generated conversation: by the newest generation here that says, else by rule."""
    for job in reversed([job for job in home.jobs() if job.kind == "generate"]):
        points = curves.read(home.parts.path, job.id)
        run = [point for point in points if point.since == points[-1].since]
        if job.state is not JobState.QUEUED and run and run[-1].done - run[0].done >= ENOUGH:
            return (run[-1].at - run[0].at) / (run[-1].done - run[0].done)
    return SECONDS_EACH
