"""The fast path computes what PEFT, padding and plain cross-entropy compute."""

import json
from pathlib import Path

import peft
import pytest
import torch
from safetensors.torch import save_file
from tests.training.small import small_llama, small_tokens
from torch.nn import functional

from emmaus.training import batches, lora, sft
from emmaus.training.recipe import Recipe
from emmaus.training.tokens import Tokens

# PEFT asks transformers by a name that the newest transformers deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

RECIPE = Recipe(rank=4, alpha=8, precision="float32")


def ours(recipe: Recipe = RECIPE) -> torch.nn.Module:
    model = small_llama()
    sft.prepare(model, recipe)
    torch.manual_seed(3)
    with torch.no_grad():
        for _, layer in lora.layers(model):
            layer.b.normal_(0, 0.1)
    return model


def as_peft(model: torch.nn.Module, folder: Path) -> torch.nn.Module:
    """The same adapter, loaded by PEFT from the files that training writes."""
    (folder / "adapter_config.json").write_text(json.dumps(lora.config(model, RECIPE, "small")))
    save_file(lora.state(model), folder / "adapter_model.safetensors")
    return peft.PeftModel.from_pretrained(small_llama(), folder, is_trainable=True)


def padded_loss(model: torch.nn.Module, group: list[Tokens]) -> torch.Tensor:
    width = max(len(tokens.ids) for tokens in group)
    ids = torch.tensor([[*tokens.ids, *[0] * (width - len(tokens.ids))] for tokens in group])
    seen = torch.tensor([[1] * len(tokens.ids) + [0] * (width - len(tokens.ids)) for tokens in group])
    labels = torch.full_like(ids, -100)
    for row, tokens in enumerate(group):
        for place, wanted in enumerate(tokens.learn):
            if wanted:
                labels[row, place] = tokens.ids[place]
    logits = model(input_ids=ids, attention_mask=seen).logits[:, :-1]
    return functional.cross_entropy(logits.reshape(-1, 97), labels[:, 1:].reshape(-1), reduction="sum")


@pytest.mark.parametrize("prefix", [1, 11])
@pytest.mark.parametrize("budget", [10_000, 40])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_loss_and_gradients_equal_peft_with_padding(
    tmp_path: Path, prefix: int, budget: int, checkpointing: bool
) -> None:
    group = small_tokens(7, prefix=prefix)
    model = ours(Recipe(rank=4, alpha=8, checkpointing=checkpointing))
    total = torch.zeros(())
    for packed in batches.split(group, budget):
        loss = sft.pack_loss(model, packed)
        loss.backward()
        total += loss.detach()
    plain = as_peft(model, tmp_path)
    expected = padded_loss(plain, group)
    expected.backward()
    assert total.item() == pytest.approx(expected.item(), rel=1e-5)
    theirs = dict(plain.named_parameters())
    for name, layer in lora.layers(model):
        for letter, factor in (("A", layer.a), ("B", layer.b)):
            wanted = theirs[f"base_model.model.{name}.lora_{letter}.default.weight"].grad
            torch.testing.assert_close(factor.grad, wanted, rtol=1e-4, atol=1e-4)


def test_a_neighbour_in_a_pack_changes_nothing() -> None:
    model = ours()
    first, *others = small_tokens(5)
    with torch.no_grad():
        alone = sft.pack_loss(model, batches.pack([first])).item()
        rest = sft.pack_loss(model, batches.pack(others)).item()
        together = sft.pack_loss(model, batches.pack([first, *others])).item()
    assert together == pytest.approx(alone + rest, rel=1e-5)


def test_dropout_drops_only_while_training() -> None:
    model = ours(Recipe(rank=4, alpha=8, dropout=0.5))
    packed = batches.pack(small_tokens(3))
    assert sft.pack_loss(model, packed).item() != sft.pack_loss(model, packed).item()
    model.eval()
    assert sft.pack_loss(model, packed).item() == sft.pack_loss(model, packed).item()
    assert sft.pack_loss(model, packed).item() == pytest.approx(sft.pack_loss(ours(), packed).item(), rel=1e-5)


def test_an_untrained_adapter_changes_nothing() -> None:
    model = small_llama()
    group = small_tokens(4)
    bare = padded_loss(model, group).item()
    sft.prepare(model, RECIPE)
    assert sft.pack_loss(model, batches.pack(group)).item() == pytest.approx(bare, rel=1e-5)
