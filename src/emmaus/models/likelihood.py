"""What a model finds likely: next tokens, and given answers token by token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emmaus.errors import ModelError
from emmaus.models.transport import Server

FORCE = 1000.0
"""Logit bias that makes a token certain; reported log-probabilities are those before the bias."""


@dataclass(frozen=True, slots=True)
class NextToken:
    """A possible next token with its natural-log probability."""

    id: int
    text: str
    logprob: float


def forced_logprob(server: Server, before: Sequence[int], token: int, fields: Mapping[str, Any]) -> float:
    """Ask llama.cpp's server for the natural-log probability of one token after others."""
    body = {
        "prompt": list(before),
        "n_predict": 1,
        "n_probs": 1,
        "temperature": 0.0,
        "logit_bias": [[token, FORCE]],
    }
    drawn = server.post("/completion", body | dict(fields))["completion_probabilities"][0]
    if drawn["id"] != token:
        raise ModelError(f"the engine drew token {drawn['id']} where {token} was forced")
    return float(drawn["logprob"])
