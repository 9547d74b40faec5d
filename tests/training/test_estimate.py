from dataclasses import replace

from tests.training.talks import talks

from emmaus.training.estimate import estimate
from emmaus.training.recipe import Recipe
from emmaus.training.train import TrainingResult


def test_tokens_are_about_those_that_were_learned(trained: TrainingResult) -> None:
    learned = [example for example in talks(12) if example.split == "train"]
    guessed = estimate(learned, trained.recipe).tokens
    assert 0.75 < guessed / int(str(trained.metrics["tokens"])) < 1.33


def test_more_of_anything_costs_more() -> None:
    recipe = Recipe()
    small, large = estimate(talks(20), recipe), estimate(talks(200), recipe)
    assert 8 < large.seconds / small.seconds < 12
    assert estimate(talks(200), replace(recipe, micro_tokens=512)).memory < large.memory
    assert estimate(talks(200), replace(recipe, checkpointing=True)).memory < large.memory
    assert estimate([], recipe).seconds == 0
