"""Reads Turn. Writes ConsentEvent, Rating: what people allow, and what they say of an answer."""

from emmaus.feedback.consent import allows, grant, policy, withdraw
from emmaus.feedback.ratings import LIKED, rate

__all__ = ["LIKED", "allows", "grant", "policy", "rate", "withdraw"]
