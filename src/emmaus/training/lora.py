"""The trainable part: a low-rank update beside every linear layer, in PEFT's format.

One autograd function does a layer's frozen product and its low-rank one together. It keeps only the layer's input
(which neighbouring layers share) and the rank-sized middle, casts the float32 factors to the base's format for the
products, and never builds a gradient for the frozen weight.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from emmaus.training.recipe import Recipe

HEAD = "lm_head"
"""Left out: llama.cpp's adapters hold no head, and here it is tied to the embedding."""


class LoraProduct(torch.autograd.Function):
    """`x W^T + b + s (x' A^T) B^T`, where x' is x, or x with dropout."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dropped: Tensor | None, frozen: nn.Linear, a: Tensor, b: Tensor, s: float
    ) -> Tensor:
        """Shapes: x (..., in), a (rank, in), b (out, rank); the result is (..., out) in x's format."""
        flat = x.reshape(-1, x.shape[-1])
        low = flat if dropped is None else dropped.reshape(-1, x.shape[-1])
        small_a, small_b = a.to(x.dtype), (b * s).to(x.dtype)
        middle = low @ small_a.t()
        out = functional.linear(flat, frozen.weight, frozen.bias)
        out.addmm_(middle, small_b.t())
        ctx.save_for_backward(low, middle, small_a, small_b)
        ctx.frozen, ctx.scale, ctx.shape, ctx.split = frozen, s, x.shape, dropped is not None
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, x', a and b; the factors' are float32."""
        low, middle, small_a, small_b = ctx.saved_tensors
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        grad_middle = grad @ small_b
        grad_a = (grad_middle.t() @ low).float()
        grad_b = (grad.t() @ middle).float().mul_(ctx.scale)
        grad_x: Tensor | None = None
        grad_dropped: Tensor | None = None
        if ctx.needs_input_grad[0]:
            grad_x = grad @ ctx.frozen.weight
            if not ctx.split:
                grad_x.addmm_(grad_middle, small_a)
            grad_x = grad_x.view(ctx.shape)
        if ctx.split and ctx.needs_input_grad[1]:
            grad_dropped = (grad_middle @ small_a).view(ctx.shape)
        return grad_x, grad_dropped, None, grad_a, grad_b, None


class LoraLinear(nn.Module):
    """A frozen linear layer with a trainable low-rank update."""

    def __init__(self, frozen: nn.Linear, rank: int, scaling: float, dropout: float) -> None:
        super().__init__()
        self.frozen = frozen
        self.scaling = scaling
        self.dropout = dropout
        place = frozen.weight.device
        self.a = nn.Parameter(torch.empty(rank, frozen.in_features, device=place))
        self.b = nn.Parameter(torch.zeros(frozen.out_features, rank, device=place))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))  # as PEFT starts it; b is zero, so the base is unchanged

    def forward(self, x: Tensor) -> Tensor:
        """Shape (..., in) to (..., out)."""
        dropped = functional.dropout(x, self.dropout) if self.training and self.dropout else None
        return cast(Tensor, LoraProduct.apply(x, dropped, self.frozen, self.a, self.b, self.scaling))  # type: ignore[no-untyped-call]


def attach(model: Any, recipe: Recipe) -> None:
    """Put a fresh low-rank update beside every linear layer of the decoder, seeded by the recipe."""
    torch.manual_seed(recipe.seed)
    targets = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear) and n.split(".")[-1] != HEAD]
    for name, module in targets:
        parent, _, leaf = name.rpartition(".")
        layer = LoraLinear(module, recipe.rank, recipe.scaling, recipe.dropout)
        setattr(model.get_submodule(parent), leaf, layer)


def layers(model: Any) -> Iterator[tuple[str, LoraLinear]]:
    """Yield the trainable layers by the name that the base model gives them."""
    for name, module in model.named_modules():
        if isinstance(module, LoraLinear):
            yield name, module


def parameters(model: Any) -> list[nn.Parameter]:
    """List what is trained, in a fixed order."""
    return [factor for _, layer in layers(model) for factor in (layer.a, layer.b)]


def state(model: Any) -> dict[str, Tensor]:
    """Copy what was learned, under PEFT's names."""
    out = {}
    for name, layer in layers(model):
        out[f"base_model.model.{name}.lora_A.weight"] = layer.a.detach().cpu().clone()
        out[f"base_model.model.{name}.lora_B.weight"] = layer.b.detach().cpu().clone()
    return out


def restore(model: Any, learned: Mapping[str, Tensor]) -> None:
    """Put a copy made by `state` back."""
    with torch.no_grad():
        for name, layer in layers(model):
            layer.a.copy_(learned[f"base_model.model.{name}.lora_A.weight"])
            layer.b.copy_(learned[f"base_model.model.{name}.lora_B.weight"])


def config(model: Any, recipe: Recipe, base: str) -> dict[str, Any]:
    """Say what PEFT reads from adapter_config.json."""
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": recipe.rank,
        "lora_alpha": recipe.alpha,
        "lora_dropout": recipe.dropout,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "modules_to_save": None,
        "target_modules": sorted({name.split(".")[-1] for name, _ in layers(model)}),
        "use_dora": False,
        "use_rslora": False,
    }
