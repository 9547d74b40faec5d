"""A Llama small enough for exact comparisons, and conversations in its 97 words."""

import random

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from emmaus.training.tokens import Tokens


def small_llama(seed: int = 0) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=97,
        hidden_size=48,
        intermediate_size=80,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config)
    model.requires_grad_(False)
    return model


def small_tokens(count: int, seed: int = 0, prefix: int = 11) -> list[Tokens]:
    draw = random.Random(seed)
    opening = tuple(draw.randrange(97) for _ in range(prefix))
    out = []
    for number in range(count):
        asked, said = draw.randint(1, 9), draw.randint(1, 12)
        rest = tuple(draw.randrange(97) for _ in range(asked + said))
        learn = (False,) * (prefix + asked) + (True,) * said
        out.append(Tokens(f"talk {number}", opening + rest, learn))
    return out
