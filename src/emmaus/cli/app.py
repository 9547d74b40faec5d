"""All commands, in the order in which the wheel turns; a call reads no more of them than it needs."""

from collections.abc import Container
from importlib import import_module

import typer

from emmaus.cli.commands import root

ROOMS = {
    "talk": ("chat", "ask", "characters", "consent", "forget"),
    "keeping": ("conversations", "rate", "mine"),
    "grounds": ("search", "verify", "care"),
    "learning": (
        "generate",
        "score",
        "freeze",
        "export",
        "train",
        "evaluate",
        "estimate",
        "report",
        "promote",
        "rollback",
        "deployments",
    ),
    "desk": ("status", "datasets", "adapters", "evaluations"),
    "reviewing": ("review",),
    "background": ("jobs", "pause", "resume", "cancel", "worker"),
    "models": ("models",),
    "house": ("demo", "up", "doctor", "pack"),
    "people": ("link", "account", "key", "audit"),
}
"""Modules of commands, and what each adds. Those about learning take half a second to import."""


def app(words: Container[str] = ()) -> typer.Typer:
    """Make the application: with the commands that these words can mean, or with all where they mean none."""
    meant = [room for room, names in ROOMS.items() if any(name in words for name in names)]
    made = root()
    for room in meant or ROOMS:
        import_module(f"emmaus.cli.{room}").add_to(made)
    return made
