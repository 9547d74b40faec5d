"""Commands of a maintainer: from conversations to a better character."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from emmaus.cli.background import InBackground, queue, show
from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation
from emmaus.cli.progress import duration
from emmaus.cli.talk import CharacterName
from emmaus.data import Drawing, unchanged
from emmaus.errors import BadInput
from emmaus.serving import words
from emmaus.training import Estimate, Recipe

if TYPE_CHECKING:
    from rich.console import RenderableType

Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")]
Named = typer.Option(metavar="ID", help="This one instead of the newest.", show_default=False)
NUMBER = 100
"""Conversations that are generated where nobody says how many."""
DATA = "Data"
ADAPTERS = "Adapters"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    again = "run the same command to go on from there"
    command(app, DATA, kept=f"every conversation accepted so far is kept, {again}")(generate)
    command(app, DATA, kept=f"every score given so far is kept, {again}")(score)
    command(app, DATA)(freeze)
    command(app, DATA)(export)
    command(app, ADAPTERS, kept=f"the steps that were done are kept, {again}")(train)
    command(app, ADAPTERS, kept=f"every answer so far is kept, {again}")(evaluate)
    command(app, ADAPTERS)(estimate)
    command(app, ADAPTERS)(report)
    command(app, ADAPTERS)(promote)
    command(app, ADAPTERS)(rollback)
    command(app, ADAPTERS)(deployments)


def generate(
    invocation: Invocation,
    character: CharacterName,
    n: Annotated[
        int | None,
        typer.Option("-n", "--number", metavar="N", help=f"How many good conversations.  [default: {NUMBER}]"),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed asks other questions.")] = 0,
    minimum: Annotated[
        float | None,
        typer.Option(
            metavar="VALUE",
            help=f"Value from which an answer is accepted, 0..1.  [default: {Drawing().minimum}]",
            min=0,
            max=1,
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option(
            "-k",
            metavar="N",
            help=f"Answers drawn for each question; the best is taken.  [default: {Drawing().k}]",
            min=1,
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option(metavar="N", help="Pause after so many minutes.", min=0.01)] = None,
    background: InBackground = False,
    preview: Annotated[bool, typer.Option("--preview", help="Draw one question and its answer; keep nothing.")] = False,
) -> None:
    """Generate synthetic conversations.

    Exactly so many good ones are made: a model answers composed questions, each answer is checked and scored, and what
    was dropped is kept with its reason. Stopped, the same command goes on.
    """
    drawing = Drawing(**_given(minimum=minimum, k=k))
    if preview:
        if background or n is not None:
            raise BadInput("a preview is one question, drawn at once: leave --background and -n out")
        _preview(invocation, character, seed, drawing)
        return
    n = NUMBER if n is None else n
    if background:
        queue(invocation, "generate", character, n=n, seed=seed, drawing=drawing, minutes=minutes)
        return
    with invocation.open() as home, invocation.progress(f"generate {character}") as tell:
        made = home.generate(character, n, seed=seed, drawing=drawing, minutes=minutes, report=tell)
    _show(invocation, "generated", made)


def score(invocation: Invocation, character: CharacterName, background: InBackground = False) -> None:
    """Score every turn that has no score yet."""
    if background:
        queue(invocation, "score", character)
        return
    with invocation.open() as home, invocation.progress(f"score {character}") as tell:
        scored = home.score(character, report=tell)
    _show(invocation, "scored", scored)


def freeze(
    invocation: Invocation,
    character: CharacterName,
    minimum: Annotated[float, typer.Option(metavar="VALUE", help="Score that is enough, 0..1.", min=0, max=1)] = 0.7,
    synthetic: Annotated[
        float, typer.Option(metavar="SHARE", help="Most synthetic conversations for each one that people wrote.", min=0)
    ] = 1.0,
    most: Annotated[
        int | None, typer.Option(metavar="N", help="Freeze a sample of so many conversations.  [default: all]", min=1)
    ] = None,
    wordings: Annotated[
        int,
        typer.Option(
            metavar="N", help="Other wordings to learn of each hand-written question; its own where it has none.", min=0
        ),
    ] = 1,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed splits otherwise.")] = 0,
    background: InBackground = False,
) -> None:
    """Freeze what may be learned from into a dataset.

    Only conversations whose speaker allows it now, that are good enough and that share no question with a probe. The
    report says of each other one why it was left out.
    """
    how: dict[str, Any] = {"minimum": minimum, "synthetic": synthetic, "most": most, "wordings": wordings, "seed": seed}
    if background:
        queue(invocation, "freeze", character, **how)
        return
    with invocation.open() as home, invocation.progress(f"freeze {character}") as tell:
        began = home.clock()
        dataset = home.freeze(character, **how, report=tell)
    if same := unchanged(dataset, began):
        print(f"{same[:1].upper()}{same[1:]}.", file=sys.stderr, flush=True)
    _show(invocation, "dataset", dataset)


def export(
    invocation: Invocation,
    character: Annotated[str, typer.Argument(metavar="CHARACTER|DATASET", help="A character, or the id of a dataset.")],
    output: Output,
    format: Annotated[Literal["jsonl", "json"], typer.Option(help="One example a line, or one list.")] = "jsonl",
) -> None:
    """Write a dataset as a file for fine-tuning.

    What a person said is written only if they allow `share` now.
    """
    with invocation.open() as home:
        exported = home.export(character, output, format=format)
    _show(invocation, "exported", exported)


def train(
    invocation: Invocation,
    character: Annotated[
        str | None,
        typer.Argument(
            metavar="CHARACTER|DATASET", help="Train on the newest dataset of a character, or on one named by its id."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Train on this chat JSONL instead; needs --output."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where the adapter goes, with --data."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help=f"Passes over the data.  [default: {Recipe().epochs}]"),
    ] = None,
    rank: Annotated[
        int | None,
        typer.Option(metavar="R", help=f"Rank of the LoRA; alpha is the same.  [default: {Recipe().rank}]"),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", help=f"Peak learning rate.  [default: {Recipe().learning_rate}]"),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of weights and order.")] = 0,
    background: InBackground = False,
) -> None:
    """Train a LoRA adapter.

    Of a character's newest dataset, or of a file of your own: emmaus train --data FILE --output FOLDER. Stopped, the
    same command goes on from the last checkpoint. Needs the train extra: pip install "emmaus[train]"
    """
    what = data or character
    if what is None or (data and character) or (data is None) != (output is None):
        raise BadInput("say what to train: emmaus train CHARACTER, or emmaus train --data FILE --output FOLDER")
    if background and data:
        raise BadInput("a file of your own is trained on before your eyes only: leave --background out")
    recipe = Recipe(seed=seed, **_given(epochs=epochs, rank=rank, alpha=rank, learning_rate=learning_rate))
    with invocation.open() as home:
        name = f"dataset {home.dataset(character).id}" if character else str(data)
        print(f"{name}: {_expected(home.estimate(what, recipe=recipe))}", file=sys.stderr, flush=True)
        if background and character:
            dataset = home.dataset(character)
            show(invocation, home.start("train", dataset.character, dataset=dataset.id, recipe=recipe))
            return
        with invocation.progress(f"train {what}") as tell:
            result: Any
            if data is not None and output is not None:
                result = home.train_file(data, output, recipe=recipe, report=tell)
            else:
                result = home.train(str(what), recipe=recipe, report=tell)
    _show(invocation, "trained", result)


def evaluate(
    invocation: Invocation,
    character: CharacterName,
    adapter: Annotated[str | None, Named] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Only N probes, spread evenly over all, and as many texts of prose; the gate wants at least 30.",
            min=2,
        ),
    ] = None,
    background: InBackground = False,
) -> None:
    """Compare the newest adapter with what it would replace.

    Both answer held-out questions through the real server; every difference comes with its 95 % interval, and the gate
    decides.
    """
    if background:
        queue(invocation, "evaluate", character, adapter=adapter, limit=limit)
        return
    with invocation.open() as home, invocation.progress(f"evaluate {character}") as tell:
        evaluation = home.evaluate(character, adapter=adapter, limit=limit, report=tell)
        against = words(home.store, evaluation.incumbent)
    _show(invocation, "evaluation", evaluation, against)


def report(
    invocation: Invocation, character: CharacterName, output: Output, evaluation: Annotated[str | None, Named] = None
) -> None:
    """Write the newest evaluation as an HTML page."""
    with invocation.open() as home:
        written = home.report(character, output, evaluation=evaluation)
    invocation.show({"path": str(written)}, lambda: f"Written: {written}")


def promote(invocation: Invocation, character: CharacterName, evaluation: Annotated[str | None, Named] = None) -> None:
    """Put the last evaluated adapter into use, if the gate agreed."""
    with invocation.open() as home:
        deployment = home.promote(character, evaluation=evaluation)
        through = words(home.store, deployment.adapter)
    _show(invocation, "deployment", deployment, through)


def rollback(
    invocation: Invocation,
    character: CharacterName,
    deployment: Annotated[
        str | None, typer.Option(metavar="ID", help="Only if this one is in force now.", show_default=False)
    ] = None,
) -> None:
    """Go back to what the live adapter replaced."""
    with invocation.open() as home:
        made = home.rollback(character, deployment=deployment)
        through = words(home.store, made.adapter or home.parts.first)
    _show(invocation, "deployment", made, through)


def deployments(invocation: Invocation) -> None:
    """List what was put into use, and when."""
    with invocation.open() as home:
        found = home.deployments()
        adapters = {None, *(deployment.adapter for deployment in found)}
        through = {adapter: words(home.store, adapter or home.parts.first) for adapter in adapters}
    _show(invocation, "deployments", found, through)


def estimate(
    invocation: Invocation,
    character: Annotated[str, typer.Argument(metavar="CHARACTER|DATASET", help="A character, or the id of a dataset.")],
) -> None:
    """Say what training takes: time, tokens, memory."""
    with invocation.open() as home:
        takes = home.estimate(character)
    invocation.show(takes, lambda: _expected(takes))


def _preview(invocation: Invocation, character: str, seed: int, drawing: Drawing) -> None:
    from emmaus import steps

    with invocation.open() as home:
        drawn = steps.preview(home.parts, character, seed=seed, drawing=drawing)
        said = home.parts.scene(character).delivered(drawn.turn.answer, drawn.turn.passages).text
        _show(invocation, "preview", drawn, said)


def _expected(takes: Estimate) -> str:
    minutes, gigabytes = duration(takes.seconds), takes.memory / 1e9
    return f"training takes about {minutes} from its start ({takes.tokens:,} tokens), and {gigabytes:.1f} GB of memory"


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _show(invocation: Invocation, view: str, value: Any, *more: Any) -> None:
    def drawn() -> "RenderableType":
        from emmaus.cli import views

        draw: Callable[..., RenderableType] = getattr(views, view)
        return draw(value, *more)

    invocation.show(value, drawn)
