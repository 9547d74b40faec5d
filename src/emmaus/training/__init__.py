"""Training. Reads Dataset or a chat JSONL. Writes Adapter: PEFT LoRA, LoRA GGUF, recipe, log, hashes.

Nothing here imports torch until `train` is called.
"""

from emmaus.training.files import read_jsonl
from emmaus.training.recipe import Recipe
from emmaus.training.registry import adapter_folder, adapter_id, register
from emmaus.training.train import TrainingResult, train

__all__ = ["Recipe", "TrainingResult", "adapter_folder", "adapter_id", "read_jsonl", "register", "train"]
