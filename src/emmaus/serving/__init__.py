"""Reads Adapter, Evaluation. Writes Deployment: promote through the gate, roll back, say what is live."""

from emmaus.serving.deployments import EMBEDDED, current, live_adapters, promote, replaced, rollback, words

__all__ = ["EMBEDDED", "current", "live_adapters", "promote", "replaced", "rollback", "words"]
