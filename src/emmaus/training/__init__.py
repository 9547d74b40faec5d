"""Training. Reads Dataset or a chat JSONL. Writes Adapter: PEFT LoRA, LoRA GGUF, recipe, log, hashes.

Nothing here imports torch until `train` is called.
"""

from emmaus.training.estimate import Estimate, estimate
from emmaus.training.files import read_jsonl
from emmaus.training.recipe import Recipe
from emmaus.training.registry import adapter_folder, adapter_id, intact, register, reinstate
from emmaus.training.train import TrainingResult, train

__all__ = [
    "Estimate",
    "Recipe",
    "TrainingResult",
    "adapter_folder",
    "adapter_id",
    "estimate",
    "intact",
    "read_jsonl",
    "register",
    "reinstate",
    "train",
]
