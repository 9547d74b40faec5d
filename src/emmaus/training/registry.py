"""The registry of trained adapters: immutable, versioned per character, each with what it learned from."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from emmaus.errors import EmmausError
from emmaus.store import Store
from emmaus.training.files import sha256
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


def intact(home: Path, adapter: Adapter) -> bool:
    """Whether an adapter's files are those that were registered."""
    files = [(home / adapter.folder / name, expected) for name, expected in adapter.files.items()]
    return all(file.is_file() and sha256(file) == expected for file, expected in files)


def reinstate(home: Path, adapter: Adapter, again: TrainingResult) -> None:
    """Put the files of a second, equal training in the place of those that a registered adapter lost.

    Raises:
        EmmausError: the GGUF is not the registered one; what lies there stays as it is, and the second is deleted.
    """
    folder, name = home / adapter.folder, again.gguf.name
    if again.files[name] != adapter.files[name]:
        shutil.rmtree(again.folder)
        raise EmmausError(
            f"{adapter.id} cannot be made again here: trained once more, {name} is another than the registered one "
            "(other versions or threads than then); train another adapter with another --seed and evaluate that one"
        )
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(again.folder, folder)
