from pathlib import Path

import pytest
from tests.training.talks import talks

from emmaus.training import base
from emmaus.training.recipe import Recipe
from emmaus.training.train import TrainingResult, be_considerate, train

be_considerate()

RECIPE = Recipe(epochs=2, batch=4, learning_rate=2e-3)


@pytest.fixture(scope="session")
def cache(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    base.unpack(model_file, folder)
    return folder


@pytest.fixture(scope="session")
def base_folder(model_file: Path, cache: Path) -> Path:
    return base.unpack(model_file, cache)


@pytest.fixture(scope="session")
def trained(model_file: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    """Six steps."""
    output = tmp_path_factory.mktemp("adapters") / "david-1"
    return train(talks(12), output=output, base_file=model_file, cache=cache, recipe=RECIPE, threads=2)
