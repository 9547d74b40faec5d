"""The registry of trained adapters: immutable, versioned per character, each with what it learned from."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from emmaus.store import Store
from emmaus.training.recipe import Recipe
from emmaus.training.train import TrainingResult, base_name
from emmaus.types import Adapter, Dataset, Example, digest, plain


def adapter_id(dataset: Dataset, examples: Sequence[Example], recipe: Recipe, base_file: Path) -> str:
    """Name of the adapter that a recipe makes of examples on a base: known before it is trained, used for no other.

    `examples` are those of the dataset that may be learned now: after a withdrawal another adapter is made.
    """
    learned = [example.conversation for example in examples]
    return f"{dataset.character}-{digest([dataset.hash, learned, recipe, base_name(base_file)], 12)}"


def adapter_folder(name: str) -> Path:
    """Where an adapter's files lie, relative to the home."""
    return Path("adapters") / name


def register(
    store: Store, name: str, dataset: Dataset, result: TrainingResult, *, clock: Callable[[], float] = time.time
) -> Adapter:
    """Enter a trained adapter as the next version of its character; once entered it stays as it is."""
    folder = adapter_folder(name)
    return store.add(
        Adapter(
            id=name,
            character=dataset.character,
            version=store.count(Adapter, character=dataset.character) + 1,
            base=result.base,
            recipe=plain(result.recipe),
            dataset=dataset.id,
            dataset_hash=dataset.hash,
            folder=str(folder),
            gguf=str(folder / result.gguf.name),
            files=result.files,
            metrics=result.metrics,
            created_at=clock(),
        )
    )
