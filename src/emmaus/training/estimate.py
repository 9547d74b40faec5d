"""What a training will take, said before it starts and without loading a model."""

from collections.abc import Sequence
from dataclasses import dataclass

from emmaus.training.recipe import Recipe
from emmaus.types import Example

TOKENS_PER_CORE_SECOND = 200
"""Conversation tokens learned per second and core: SmolLM2-135M in bfloat16 on an EPYC, batches of 4."""
RESTING_BYTES = 850 << 20
"""Memory of torch, the base in bfloat16, the adapter, its optimizer and what oneDNN keeps."""
BYTES_PER_TOKEN = 850 << 10
"""Memory of what one token leaves behind for the backward pass."""
RECOMPUTED_BYTES_PER_TOKEN = 320 << 10
"""The same with `checkpointing`."""
CHARACTERS_PER_TOKEN = 4.0
TOKENS_PER_MESSAGE = 5
"""What the chat template adds around each message."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Rough figures for the embedded base model; half or double is possible on another chip."""

    tokens: int
    """Conversation tokens over all epochs."""
    seconds: float
    memory: int
    """Bytes at the peak."""


def estimate(examples: Sequence[Example], recipe: Recipe, cores: int = 2) -> Estimate:
    """Estimate a training of the embedded base model from the lengths of the conversations that it learns."""
    lengths = [
        sum(len(message.content) / CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE for message in example.messages)
        for example in examples
        if example.split == "train"
    ]
    tokens = int(sum(lengths) * recipe.epochs)
    at_once = min(recipe.micro_tokens, max(max(lengths, default=0.0), sum(sorted(lengths)[-recipe.batch :])))
    kept = RECOMPUTED_BYTES_PER_TOKEN if recipe.checkpointing else BYTES_PER_TOKEN
    return Estimate(tokens, tokens / (TOKENS_PER_CORE_SECOND * cores), RESTING_BYTES + int(at_once * kept))
