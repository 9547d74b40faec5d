"""How results look to people: a few lines, or a table without frames."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from emmaus.cli.progress import duration
from emmaus.types import (
    Account,
    Adapter,
    ApiKey,
    AuditEvent,
    Character,
    Dataset,
    Deployment,
    Difference,
    Evaluation,
    Invitation,
    Job,
    Session,
)


def characters(found: Sequence[Character], through: Mapping[str, str]) -> RenderableType:
    """One line a character; `through` says what each speaks through."""
    rows = [(c.slug, c.name, c.title, c.era.label, through[c.slug]) for c in found]
    return table(("say", "name", "who", "when", "speaks through"), rows)


def generated(made: Any) -> RenderableType:
    """Say what a generation came to."""
    lines = [
        f"{made.accepted} good conversations of {made.questions} questions, mean value {made.mean:.2f}, "
        f"in {duration(made.seconds)} (job {made.job[:8]})"
    ]
    if made.dropped:
        dropped = ", ".join(f"{rule} {count}" for rule, count in sorted(made.dropped.items(), key=lambda r: -r[1]))
        lines.append(f"dropped: {dropped}")
    return "\n".join(lines)


def preview(drawn: Any, said: str) -> RenderableType:
    """One question and its answer as a generation would draw them, and what would become of it."""
    fate = f"it would be dropped ({drawn.dropped.replace('_', ' ')}): {drawn.evidence}"
    if not drawn.dropped:
        fate = "it would be kept" + (f", with a score of {drawn.score.value:.2f}" if drawn.score else "")
    return Text(f"topic: {drawn.topic}\n> {drawn.turn.question}\n{said}\n{fate}; nothing was kept now")


def scored(found: Any) -> RenderableType:
    """Say what a scoring came to."""
    return str(found)


def dataset(found: Dataset) -> RenderableType:
    """How large a dataset is, and why conversations were left out."""
    held = sum(example.split != "train" for example in found.examples)
    lines = [
        f"dataset {found.id} of {found.character}: {len(found.parents)} conversations, {len(found.examples)} examples "
        f"({len(found.examples) - held} to learn from, {held} held out)"
    ]
    lines += [f"{name.replace('_', ' ')}: {_counts(value)}" for name, value in found.report.items()]
    return Text("\n".join(lines))


def waiting(found: Sequence[Any], every: int) -> RenderableType:
    """One line for each answer that waits for review."""
    if not found:
        return "Nothing waits for review."
    rows = [(one.turn.id, one.character, one.source.value, one.why, one.turn.question[:60]) for one in found]
    return Group(table(("turn", "character", "source", "why", "question"), rows), Text(f"{every:,} wait in all"))


def exported(found: Any) -> RenderableType:
    """Say what was written, and what had to stay."""
    stays = f"; {found.left_out} stay here because their speaker does not share them" if found.left_out else ""
    return Text(f"{found.written} examples of dataset {found.dataset} written to {found.path}{stays}")


def trained(result: Any) -> RenderableType:
    """Describe an adapter, or the folder that one was trained into."""
    metrics = ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in result.metrics.items())
    if isinstance(result, Adapter):
        head = f"adapter {result.id}: version {result.version} of {result.character}, from dataset {result.dataset}"
        return Text(f"{head}\n{metrics}\nnext: emmaus evaluate {result.character}")
    return Text(f"adapter written to {result.folder}\n{metrics}")


def evaluation(found: Evaluation, against: str) -> RenderableType:
    """Every difference with its interval, and the decision with its reasons."""
    head = Text(f"{found.candidate} against {against} on {_probes(found)} probes")
    table = _differences([*found.differences, *found.regressions])
    verdict = Text("promote" if found.decision.promote else "hold", style="bold")
    reasons = Text("\n".join(f"  {reason}" for reason in found.decision.reasons))
    following = Text(f"next: emmaus promote {found.character}" if found.decision.promote else "")
    return Group(head, table, verdict, reasons, following)


def turned(found: Any) -> RenderableType:
    """Say what a turn of the wheel came to: the two answers, the numbers, and where the report lies."""
    differences = _differences([*found.differences, *found.regressions])
    lines = [
        f"{found.question}",
        f"before: {' '.join(found.before.split())}",
        f"after:  {' '.join(found.after.split())}",
        "",
        f"{'promoted' if found.promoted else 'held'}: {'; '.join(found.reasons)}",
        f"report: {found.report}",
        f"next:   emmaus chat {found.character}",
    ]
    return Group(Text("\n".join(lines[:4])), differences, Text("\n".join(lines[4:])))


def deployment(found: Deployment, through: str) -> RenderableType:
    """Say what is in force now."""
    return f"{found.character} now speaks through {through}, {found.target}"


def deployments(found: Sequence[Deployment], through: Mapping[str | None, str]) -> RenderableType:
    """One line each, the latest of a character marked; `through` says by a deployment's adapter what it is."""
    if not found:
        return f"Nothing was deployed yet: every character speaks through {through[None]}."
    latest = {item.character: item.id for item in found}
    rows = [
        (
            _when(d.at),
            d.character,
            through[d.adapter],
            d.target,
            d.by,
            "live" if latest[d.character] == d.id else "",
        )
        for d in found
    ]
    return table(("when", "character", "adapter", "target", "by", ""), rows)


def jobs(found: Sequence[Job], states: Sequence[str]) -> RenderableType:
    """One line a job, with the state of each."""
    if not found:
        return "There were no jobs yet."
    rows = [
        (
            job.id[:8],
            job.kind,
            job.character,
            state,
            f"{job.done}/{job.total}",
            _when(job.created_at),
        )
        for job, state in zip(found, states, strict=True)
    ]
    return table(("job", "kind", "character", "state", "done", "begun"), rows)


def accounts(found: Sequence[Account]) -> RenderableType:
    """One line an account."""
    if not found:
        return "Nobody has an account yet: emmaus account add NAME --post admin"
    rows = [
        (a.name, a.post.value, "closed" if a.closed else "", "elsewhere" if a.provider else "", _when(a.created_at))
        for a in found
    ]
    return table(("name", "post", "", "signs in", "made"), rows)


def invitations(found: Sequence[Invitation]) -> RenderableType:
    """One line an invitation."""
    if not found:
        return "Nobody is invited: emmaus account invite"
    rows = [(one.id[:12], one.post.value, one.by, _when(one.expires_at)) for one in found]
    return table(("invitation", "post", "by", "until"), rows)


def browsers(found: Sequence[Session]) -> RenderableType:
    """One line a browser."""
    if not found:
        return "No browser is signed in."
    rows = [(one.id[:12], _when(one.seen_at), _when(one.expires_at)) for one in found]
    return table(("browser", "seen", "until"), rows)


def keys(found: Sequence[tuple[ApiKey, str | None]]) -> RenderableType:
    """One line a key, with the name of the account that it lets in as."""
    if not found:
        return "There are no keys: emmaus key add NAME --right chat"
    rows = [
        (k.id, k.name, ", ".join(k.rights), whose or "local", _when(k.used_at) if k.used_at else "never")
        for k, whose in found
    ]
    return table(("key", "name", "rights", "whose", "used"), rows)


def audit(found: Sequence[AuditEvent]) -> RenderableType:
    """One line an act."""
    if not found:
        return "Nothing was administered yet."
    rows = [(_when(e.at), e.who, e.act, e.object, e.detail) for e in found]
    return table(("when", "who", "act", "to what", "detail"), rows)


def _differences(found: Sequence[Difference]) -> Table:
    columns = ("metric", "n", "before", "after", "difference", "95 % interval")
    return table(columns, [_row(difference) for difference in found])


def _row(difference: Difference) -> tuple[str, ...]:
    d = difference
    interval = f"{d.low:+.3f} .. {d.high:+.3f}"
    return (d.metric, str(d.n), f"{d.incumbent:.3f}", f"{d.candidate:.3f}", f"{d.mean:+.3f}", interval)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows under their columns, without frames."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _counts(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_counts(item)}" for name, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return str(len(value))
    return str(value)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else _counts(value)


def _probes(found: Evaluation) -> int:
    return len({sample.probe for sample in found.samples})


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
