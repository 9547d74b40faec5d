"""Reads Probe, Adapter, Dataset. Writes Evaluation: both arms answered, measured in pairs, and decided by the gate."""

from emmaus.evals.gate import MINIMUM, Rule, decide
from emmaus.evals.metrics import metrics_hash
from emmaus.evals.report import Report, html, machine, write_report
from emmaus.evals.runner import FEWEST, Comparison, evaluate, require_enough, spread

__all__ = [
    "FEWEST",
    "MINIMUM",
    "Comparison",
    "Report",
    "Rule",
    "decide",
    "evaluate",
    "html",
    "machine",
    "metrics_hash",
    "require_enough",
    "spread",
    "write_report",
]
