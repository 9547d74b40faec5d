"""Reads Adapter, Evaluation. Writes Deployment: promote through the gate, roll back, say what is live."""

from emmaus.serving.deployments import EMBEDDED, current, live_adapters, promote, replaced, rollback, words
from emmaus.serving.files import fault, fits

__all__ = ["EMBEDDED", "current", "fault", "fits", "live_adapters", "promote", "replaced", "rollback", "words"]
