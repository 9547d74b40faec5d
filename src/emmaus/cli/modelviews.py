"""How models look to people in a terminal: tables without frames, and sentences."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from emmaus.cli.views import table
from emmaus.models.discovery import Model, Server
from emmaus.models.header import Header
from emmaus.models.machine import Machine
from emmaus.models.recommending import Recommendation
from emmaus.roles import Standing
from emmaus.types.sizes import count, gigabytes


def found(
    standing: Sequence[Standing],
    machine: Machine,
    servers: Sequence[Server],
    recommended: Sequence[Recommendation],
    files: Sequence[Header] = (),
) -> RenderableType:
    """Who has each role, what runs here, what was downloaded, and what is recommended."""
    shown: list[RenderableType] = [table(("role", "now", "by"), [(one.role, one.words, _by(one)) for one in standing])]
    shown.append(Text(f"\n{machine.words}\n"))
    for server in servers:
        shown.append(Text(f"{server.kind} {server.version} at {server.url}".replace("  ", " ")))
        shown.append(Text(f"  {server.fault}") if server.fault else _models(server))
        shown.append(Text(""))
    if not servers:
        shown.append(Text("No model server was found on this computer. Ollama: `ollama serve`.\n"))
    if files:
        lines = "\n".join(f"  {one.name}: {one.file}" for one in files)
        shown.append(Text(f"Downloaded\n{lines}\n"))
    shown.append(Text("Recommended"))
    for one in recommended:
        fetch = f"; phi-4 would fit, get it with: {one.fetch}" if one.fetch else ""
        shown.append(Text(f"  {one.role:<10} {one.reason}{fetch}"))
    return Group(*shown)


def downloaded(header: Header) -> RenderableType:
    """Say what lies there now, and how it is used."""
    context = f", {header.context:,} tokens" if header.context else ""
    return Text(
        f"{header.name}: {header.architecture}, {count(header.parameters)} parameters, {header.quantisation}{context}\n"
        f"It lies in {header.file}\nUse it with: emmaus models use chat --file {header.file}"
    )


def _by(one: Standing) -> str:
    if one.setting:
        waiting = f", before {one.chosen} that was chosen" if one.chosen else ""
        return f"{one.setting}{waiting}"
    return "chosen" if one.kind else ""


def _models(server: Server) -> Table:
    return table(("  model", "size", "parameters", "holds", "for"), [_row(model) for model in server.models])


def _row(model: Model) -> tuple[str, str, str, str, str]:
    return (
        f"  {model.name}",
        gigabytes(model.size_bytes) if model.size_bytes else "",
        " ".join(filter(None, (count(model.parameters) if model.parameters else "", model.quantisation))),
        f"{model.context:,}" if model.context else "",
        "finding verses" if model.kind == "embedding" else "talking",
    )
