"""How an adapter is trained: every number that changes the result, in one record."""

import math
from dataclasses import dataclass
from typing import Literal

from emmaus.errors import BadInput
from emmaus.types import digest


@dataclass(frozen=True, slots=True)
class Recipe:
    """A LoRA on all linear layers of the decoder, learned from the answers only.

    Two runs of one recipe on the same examples, base file and machine give the same adapter. `micro_tokens` and
    `checkpointing` trade memory for speed and change the result only by rounding.
    """

    rank: int = 16
    """Rank of the two low-rank factors (LoRA, arXiv 2106.09685)."""
    alpha: int = 16
    """The update is scaled by alpha / rank."""
    dropout: float = 0.0
    """Share of inputs dropped on the low-rank path while training, 0..1."""
    learning_rate: float = 1e-3
    """Peak of the schedule. A small model with alpha = rank wants more than the 2e-4 of large ones."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """Course of the learning rate after the warmup: to zero in a cosine or a line, or unchanged."""
    warmup: float = 0.1
    """Share of all steps in which the learning rate rises from zero, 0..1."""
    epochs: int = 2
    """Passes over the training split."""
    batch: int = 4
    """Conversations per optimizer step; the loss is the mean over all their answer tokens."""
    micro_tokens: int = 1536
    """Tokens that go through the model at once, a shared beginning counted once. Memory grows with it."""
    weight_decay: float = 0.0
    """AdamW's decoupled weight decay."""
    clip: float = 1.0
    """Gradients are scaled down to at most this norm."""
    max_length: int = 2048
    """Longest conversation in tokens; longer ones are left out, counted and reported."""
    patience: int = 2
    """Epochs without a better validation loss after which training stops. The best weights are kept."""
    checkpoint_every: int = 25
    """Optimizer steps between checkpoints; one is also written at the end of each epoch."""
    checkpointing: bool = False
    """Recompute each layer in the backward pass: measured 37 % more work and 40 % less memory."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the frozen base and the activations. `auto` times both on this chip; LoRA stays float32."""
    seed: int = 0
    """Seed of the initial weights, the order of the examples and dropout."""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot train.

        Raises:
            BadInput: a field is out of range.
        """
        for name in ("rank", "alpha", "epochs", "batch", "micro_tokens", "max_length", "patience", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise BadInput(f"recipe: {name} is {getattr(self, name)}; it must be at least 1")
        for name in ("dropout", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInput(f"recipe: {name} is {getattr(self, name)}; it must lie in 0..1, 1 excluded")
        finite = all(map(math.isfinite, (self.learning_rate, self.clip, self.weight_decay)))
        if not finite or self.learning_rate <= 0 or self.clip <= 0 or self.weight_decay < 0:
            raise BadInput("recipe: learning_rate and clip must be numbers above 0, weight_decay of at least 0")

    @property
    def hash(self) -> str:
        """Content hash: another recipe is another adapter."""
        return digest(self)

    @property
    def scaling(self) -> float:
        """What the low-rank product is multiplied with."""
        return self.alpha / self.rank

    def rate(self, step: int, steps: int) -> float:
        """Learning rate of optimizer step `step` (0-based) of `steps`."""
        rising = math.ceil(self.warmup * steps)
        if step < rising:
            return self.learning_rate * (step + 1) / rising
        left = (step - rising) / max(1, steps - rising)
        if self.schedule == "cosine":
            return self.learning_rate * 0.5 * (1 + math.cos(math.pi * left))
        if self.schedule == "linear":
            return self.learning_rate * (1 - left)
        return self.learning_rate
