"""Reads Probe, Adapter, Dataset. Writes Evaluation: both arms answered, measured in pairs, and decided by the gate."""

from emmaus.evals.gate import Rule, decide
from emmaus.evals.metrics import metrics_hash
from emmaus.evals.report import Report, html, machine, write_report
from emmaus.evals.runner import Comparison, evaluate, spread

__all__ = [
    "Comparison",
    "Report",
    "Rule",
    "decide",
    "evaluate",
    "html",
    "machine",
    "metrics_hash",
    "spread",
    "write_report",
]
