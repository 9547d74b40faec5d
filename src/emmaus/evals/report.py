"""The report of an evaluation: one page that stands by itself, the same in short as Markdown, and rows for a terminal.

Knows nothing of stores and servers: everything that it shows is in the `Report`.
"""

import math
import os
import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jinja2
from markupsafe import Markup

from emmaus.errors import EmmausError
from emmaus.evals import charts
from emmaus.evals.gate import Rule, examine
from emmaus.evals.measures import gain, measure_of
from emmaus.evals.pairs import Pair, paired, slices, telling, values_of
from emmaus.evals.statistics import relative
from emmaus.types import Adapter, Character, Dataset, Difference, Evaluation, Probe, plain

PACKAGES = ("emmaus", "numpy", "scipy", "xllamacpp", "torch", "transformers", "peft")
"""Packages whose versions can change a number in a report."""


def installed() -> dict[str, str]:
    """Versions of Python and of what is installed of `PACKAGES`."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report shows."""

    evaluation: Evaluation
    character: Character
    probes: Mapping[str, Probe]
    """Probe id -> probe, for the kinds; a missing one only loses its kind."""
    dataset: Dataset | None
    """What the candidate learned from, where it is known."""
    adapter: Adapter | None
    """The candidate."""
    command: str
    """The command line that made the evaluation."""
    made_at: float
    machine: str
    """What it ran on, in words."""
    against: str
    """What the incumbent spoke through, in words."""
    rule: Rule = field(default_factory=Rule)
    """The rule that decided."""
    versions: Mapping[str, str] = field(default_factory=installed)
    seed: int = 0
    """Picks the pairs that are shown by chance."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of differences, in words."""

    metric: str
    label: str
    mark: str
    """`↓` where lower is better."""
    meaning: str
    n: int
    before: str
    after: str
    change: str
    interval: str
    verdict: str
    """better, worse, unclear; or `differs` where the direction is not declared."""


def html(report: Report) -> str:
    """One HTML page with everything in it: it loads nothing, runs nothing, and may be mailed or archived."""
    environment = _environment()
    environment.filters["signed"] = charts.signed
    style = environment.get_template("report.css").render()
    pairs = paired(report.evaluation, report.probes)
    differences = (*report.evaluation.differences, *report.evaluation.regressions)
    changes = [pair.change for pair in pairs if pair.change is not None]
    return environment.get_template("report.html").render(
        _shown(report, pairs),
        style=Markup(style),
        wide=Markup(charts.intervals(differences, width=760)),
        narrow=Markup(charts.intervals(differences, width=340)),
        strip=Markup(charts.strip(changes)),
        spread=_spread(changes),
    )


def write_report(report: Report, output: Path) -> Path:
    """Write the page to a file, its folder included.

    Raises:
        EmmausError: it cannot be written there.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(html(report), encoding="utf-8")
    except OSError as error:
        raise EmmausError(f"cannot write {output}: {error.strerror or error}; choose another with --output") from error
    return output


def machine() -> str:
    """This machine in one line."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def line_of(difference: Difference, label: str = "") -> Line:
    """Put a difference into words."""
    measure = measure_of(difference.metric)
    return Line(
        difference.metric,
        label or measure.label,
        "↓" if measure.better == "lower" else "",
        measure.meaning,
        difference.n,
        _plain(difference.incumbent),
        _plain(difference.candidate),
        charts.signed(difference.mean),
        f"[{charts.signed(difference.low)}, {charts.signed(difference.high)}]",
        _verdict(difference),
    )


def _shown(report: Report, pairs: list[Pair]) -> dict[str, object]:
    """Everything that either template names."""
    evaluation = report.evaluation
    return {
        "report": report,
        "evaluation": evaluation,
        "promote": evaluation.decision.promote,
        "main": _main(report, pairs),
        "lines": [line_of(d) for d in evaluation.differences],
        "regressions": _regressions(report),
        "slices": [line_of(difference, kind) for kind, difference in slices(pairs)],
        "telling": telling(pairs, seed=report.seed),
        "pairs": pairs,
        "label": lambda metric: measure_of(metric).label,
        "training": _training(report.adapter),
        "data": _data(report.dataset),
        "origin": _origin(report),
    }


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("emmaus.evals", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _main(report: Report, pairs: list[Pair]) -> dict[str, str | Line] | None:
    """Headline: the main metric before and after, and the improvement in percent with its interval."""
    found = [d for d in report.evaluation.differences if d.metric == report.rule.main]
    if not found:
        return None
    before, after = values_of(found[0].metric, pairs)
    complete = len(before) == found[0].n > 1
    percent = relative(found[0], before, after) if complete else relative(found[0])
    texts = [f"{value:+.0f} %".replace("-", "−") if math.isfinite(value) else "" for value in percent]
    interval = f"[{texts[1]}, {texts[2]}]" if all(texts) else ""
    return {"line": line_of(found[0]), "percent": texts[0], "interval": interval}


def _regressions(report: Report) -> list[dict[str, object]]:
    """Each bound of the rule with the worst that the interval allows: what was found, and whether it passed."""
    differences = report.evaluation.differences
    findings = examine(differences, report.evaluation.regressions, report.rule)
    bounds = [*report.rule.guards.items(), *report.rule.regressions.items()]
    measured = {d.metric: d for d in (*differences, *report.evaluation.regressions)}
    rest = findings[1:]
    return [
        {
            "line": line_of(measured[metric]) if metric in measured else None,
            "label": measure_of(metric).label,
            "worst": _plain(max(0.0, -gain(measured[metric])[1])) if metric in measured else "not measured",
            "bound": _plain(bound),
            "passed": finding.passed,
            "reason": finding.reason,
        }
        for (metric, bound), finding in zip(bounds, rest, strict=True)
    ]


def _training(adapter: Adapter | None) -> list[tuple[str, str]]:
    if adapter is None:
        return []
    facts = [("adapter", f"{adapter.id}, version {adapter.version}"), ("base model", adapter.base)]
    facts += [(name, _fact(value)) for name, value in sorted(adapter.recipe.items())]
    facts += [(name, _fact(value)) for name, value in sorted(adapter.metrics.items())]
    facts += [(f"SHA-256 of {name}", value) for name, value in sorted(adapter.files.items())]
    return facts


def _data(dataset: Dataset | None) -> dict[str, object] | None:
    """Count a dataset, and the funnel of its filters: (what, how many, share of what came in)."""
    if dataset is None:
        return None
    report = plain(dataset.report)
    dropped = report.get("dropped") if isinstance(report.get("dropped"), Mapping) else {}
    mixed = report.get("not_drawn") or 0
    conversations = {example.conversation: example for example in dataset.examples}.values()
    splits = Counter(str(e.split) for e in conversations)
    came = max(1, len(conversations) + mixed + sum(dropped.values()))
    funnel = [("considered", came, 1.0)]
    funnel += [(f"dropped by: {rule}", count, count / came) for rule, count in dropped.items() if count]
    funnel += [("not drawn", mixed, mixed / came)] if mixed else []
    held = [(f"held out: {split}", count) for split, count in sorted(splits.items()) if split != "train"]
    funnel += [(what, count, count / came) for what, count in held]
    funnel.append(("learned from", splits["train"], splits["train"] / came))
    return {
        "conversations": len(conversations),
        "sources": sorted(Counter(str(e.source) for e in conversations).items()),
        "splits": sorted(splits.items()),
        "validated": sum(e.is_human_validated for e in conversations),
        "funnel": funnel,
    }


def _origin(report: Report) -> list[tuple[str, str]]:
    evaluation = report.evaluation
    made = datetime.fromtimestamp(report.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return [
        ("evaluation", evaluation.id),
        ("candidate", evaluation.candidate),
        ("incumbent", report.against),
        ("base model", evaluation.base),
        ("character", f"{report.character.slug} ({report.character.hash})"),
        ("probe set", evaluation.probes),
        ("date", made),
        ("machine", report.machine),
        ("versions", ", ".join(f"{name} {number}" for name, number in report.versions.items())),
    ]


def _spread(changes: list[float]) -> dict[str, int]:
    better, worse = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    return {"better": better, "worse": worse, "equal": len(changes) - better - worse, "all": len(changes)}


def _verdict(difference: Difference) -> str:
    _, low, high = gain(difference)
    if not low <= high or low <= 0 <= high:
        return "unclear"
    if measure_of(difference.metric).better == "neither":
        return "differs"
    return "better" if low > 0 else "worse"


def _plain(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "n/a"


def _fact(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) and abs(value) < 1e4 else str(value)
