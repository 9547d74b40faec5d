"""Reads Talk, Turn. Writes ConsentEvent, Rating: what people allow, and what they say of an answer."""

from emmaus.feedback.consent import allows, grant, lapsed, withdraw
from emmaus.feedback.corrections import check_correction, check_length
from emmaus.feedback.ratings import BY_RATING, LIKED, Value, keep_and_rate, rate
from emmaus.store import policy
from emmaus.store.standing import standing

__all__ = [
    "BY_RATING",
    "LIKED",
    "Value",
    "allows",
    "check_correction",
    "check_length",
    "grant",
    "keep_and_rate",
    "lapsed",
    "policy",
    "rate",
    "standing",
    "withdraw",
]
