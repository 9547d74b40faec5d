"""Attention over a pack: every conversation sees the shared prefix and itself, nothing else.

Registered with transformers as an attention implementation; `prefix` and `rests` travel through the model's keyword
arguments. Each conversation is computed by itself, so no product is spent on pairs that the mask forbids.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

NAME = "emmaus_packs"


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, *, scaling: float, **kwargs: Any
) -> tuple[Tensor, None]:
    """Attention of one pack; query is (1, heads, tokens, width), key and value may have fewer heads.

    The result is (1, tokens, heads, width), as transformers expects it.
    """
    prefix: int = kwargs["prefix"]
    width, kept = query.shape[-1], key.shape[1]
    groups = query.shape[1] // kept
    query = query.view(kept, groups, -1, width)  # one row per key head: its queries share it without a copy
    key, value = key.transpose(0, 1), value.transpose(0, 1)
    outs = []
    if prefix:
        outs.append(_causal(query[:, :, :prefix], key[:, :, :prefix], value[:, :, :prefix], scaling))
    start = prefix
    for rest in kwargs["rests"]:
        end = start + rest
        own = (query[:, :, start:end], key[:, :, start:end], value[:, :, start:end])
        if prefix:
            keys = torch.cat((key[:, :, :prefix], own[1]), dim=2).expand(-1, groups, -1, -1)
            values = torch.cat((value[:, :, :prefix], own[2]), dim=2).expand(-1, groups, -1, -1)
            bias = lower_right(rest, prefix, query.dtype, query.device)
            outs.append(functional.scaled_dot_product_attention(own[0], keys, values, attn_mask=bias, scale=scaling))
        else:
            outs.append(_causal(*own, scaling))
        start = end
    out = torch.cat(outs, dim=2)
    return out.view(1, kept * groups, -1, width).transpose(1, 2), None


def lower_right(rows: int, before: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Mask in which row i may see the first `before + i + 1` columns of `before + rows`."""
    bias = torch.full((rows, before + rows), float("-inf"), dtype=dtype, device=device)
    return bias.triu_(before + 1)


def use(model: Any) -> None:
    """Let a transformers model attend over packs."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    model.set_attn_implementation(NAME)


def _causal(query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
    key, value = (part.expand(-1, query.shape[1], -1, -1) for part in (key, value))
    return functional.scaled_dot_product_attention(query, key, value, is_causal=True, scale=scaling)
