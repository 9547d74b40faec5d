"""Reads Turn. Writes ConsentEvent, Rating: what people allow, and what they say of an answer."""

from emmaus.feedback.consent import allows, grant, policy, withdraw
from emmaus.feedback.ratings import BY_RATING, LIKED, rate

__all__ = ["BY_RATING", "LIKED", "allows", "grant", "policy", "rate", "withdraw"]
