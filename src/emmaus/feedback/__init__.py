"""Reads Talk, Turn. Writes ConsentEvent, Rating: what people allow, and what they say of an answer."""

from emmaus.feedback.comparing import asked_about, compares, set_comparing
from emmaus.feedback.consent import allows, grant, lapsed, withdraw
from emmaus.feedback.corrections import check_correction, check_length
from emmaus.feedback.mine import Kept, Said, everything, mine
from emmaus.feedback.ratings import BY_RATING, LIKED, REASONS, Value, keep_and_rate, kept_answer, rate, rate_kept
from emmaus.store import policy
from emmaus.store.standing import standing

__all__ = [
    "BY_RATING",
    "LIKED",
    "REASONS",
    "Kept",
    "Said",
    "Value",
    "allows",
    "asked_about",
    "check_correction",
    "check_length",
    "compares",
    "everything",
    "grant",
    "keep_and_rate",
    "kept_answer",
    "lapsed",
    "mine",
    "policy",
    "rate",
    "rate_kept",
    "set_comparing",
    "standing",
    "withdraw",
]
