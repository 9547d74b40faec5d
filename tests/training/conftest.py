from pathlib import Path

import pytest
from tests.training.talks import talks

from emmaus.models.files import default_model_file
from emmaus.training import base
from emmaus.training.recipe import Recipe
from emmaus.training.train import TrainingResult, be_considerate, train

be_considerate()

RECIPE = Recipe(epochs=2, batch=4, learning_rate=2e-3)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    base.unpack(default_model_file(), folder)
    return folder


@pytest.fixture(scope="session")
def base_folder(cache: Path) -> Path:
    return base.unpack(default_model_file(), cache)


@pytest.fixture(scope="session")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    """The real model, four steps."""
    output = tmp_path_factory.mktemp("adapters") / "david-1"
    return train(talks(12), output=output, base_file=default_model_file(), cache=cache, recipe=RECIPE, threads=2)
