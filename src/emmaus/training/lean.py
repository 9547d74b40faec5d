"""The two places where a Llama layer keeps far more for its backward pass than it needs.

Plain autograd saves every intermediate of a norm (in float32) and of the gated feed-forward. Here a norm keeps its
input and one number per token, and a feed-forward its input, the gate's and the up projection's result; the rest is
computed again when it is needed, in passes that cost little beside the matrix products.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from emmaus.training.lora import LoraLinear


class NormProduct(torch.autograd.Function):
    """RMSNorm (arXiv 1910.07467) with a frozen weight, computed in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        """Shapes: x (..., width), weight (width,)."""
        wide = x.float()
        scale = wide.square().mean(-1, keepdim=True).add_(eps).rsqrt_()
        ctx.save_for_backward(x, weight, scale)
        return (wide * scale).to(x.dtype).mul_(weight)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradient of x."""
        x, weight, scale = ctx.saved_tensors
        grad = (grads[0] * weight).float()
        normed = x.float().mul_(scale)
        shift = (grad * normed).mean(-1, keepdim=True)
        return normed.mul_(shift).sub_(grad).mul_(-scale).to(x.dtype), None, None


class Norm(nn.Module):
    """A frozen RMSNorm."""

    def __init__(self, weight: Tensor, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Shape (..., width) to the same."""
        return cast(Tensor, NormProduct.apply(x, self.weight, self.eps))  # type: ignore[no-untyped-call]


class GatedProduct(torch.autograd.Function):
    """`down(silu(gate(x)) * up(x))` with a low-rank update in each of the three."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, mlp: "FeedForward", *factors: Tensor) -> Tensor:
        """Factors: a and b of gate, up and down."""
        flat = x.reshape(-1, x.shape[-1])
        small = [factor.to(x.dtype) for factor in factors]
        middle_gate, middle_up = flat @ small[0].t(), flat @ small[2].t()
        gate = _product(mlp.gate_proj, flat, middle_gate, small[1])
        up = _product(mlp.up_proj, flat, middle_up, small[3])
        inner = functional.silu(gate).mul_(up)
        middle_down = inner @ small[4].t()
        ctx.save_for_backward(flat, gate, up, middle_gate, middle_up, middle_down, *small)
        ctx.mlp, ctx.shape = mlp, x.shape
        return _product(mlp.down_proj, inner, middle_down, small[5]).view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x and the six factors."""
        flat, gate, up, middle_gate, middle_up, middle_down, *small = ctx.saved_tensors
        mlp: FeedForward = ctx.mlp
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        active = functional.silu(gate)
        grad_inner, a_down, b_down = _reverse(mlp.down_proj, grad, active * up, middle_down, small[4], small[5])
        grad_up = active.mul_(grad_inner)
        grad_gate = torch.ops.aten.silu_backward(grad_inner.mul_(up), gate)
        grad_x, a_gate, b_gate = _reverse(mlp.gate_proj, grad_gate, flat, middle_gate, small[0], small[1])
        more, a_up, b_up = _reverse(mlp.up_proj, grad_up, flat, middle_up, small[2], small[3])
        return grad_x.add_(more).view(ctx.shape), None, a_gate, b_gate, a_up, b_up, a_down, b_down


class FeedForward(nn.Module):
    """A gated feed-forward (SwiGLU) whose three layers have low-rank updates; names as in transformers."""

    def __init__(self, gate_proj: LoraLinear, up_proj: LoraLinear, down_proj: LoraLinear) -> None:
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = gate_proj, up_proj, down_proj

    def forward(self, x: Tensor) -> Tensor:
        """Shape (..., width) to the same."""
        parts = (self.gate_proj, self.up_proj, self.down_proj)
        return cast(Tensor, GatedProduct.apply(x, self, *(factor for part in parts for factor in (part.a, part.b))))  # type: ignore[no-untyped-call]


def slim(model: Any) -> None:
    """Swap a Llama's norms and (where there is no dropout) feed-forwards for lean ones that compute the same."""
    for layer in model.model.layers:
        for name in ("input_layernorm", "post_attention_layernorm"):
            norm = getattr(layer, name)
            setattr(layer, name, Norm(norm.weight, norm.variance_epsilon))
        parts = (layer.mlp.gate_proj, layer.mlp.up_proj, layer.mlp.down_proj)
        if model.config.hidden_act == "silu" and all(
            isinstance(part, LoraLinear) and not part.dropout for part in parts
        ):
            layer.mlp = FeedForward(*parts)
    model.model.norm = Norm(model.model.norm.weight, model.model.norm.variance_epsilon)


def _product(layer: LoraLinear, x: Tensor, middle: Tensor, b: Tensor) -> Tensor:
    out = functional.linear(x, layer.frozen.weight, layer.frozen.bias)
    return out.addmm_(middle, b.t(), alpha=layer.scaling)


def _reverse(
    layer: LoraLinear, grad: Tensor, x: Tensor, middle: Tensor, a: Tensor, b: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the layer's input and of its two factors (these in float32)."""
    grad_middle = (grad @ b).mul_(layer.scaling)
    grad_a = (grad_middle.t() @ x).float()
    grad_b = (grad.t() @ middle).float().mul_(layer.scaling)
    return (grad @ layer.frozen.weight).addmm_(grad_middle, a), grad_a, grad_b
