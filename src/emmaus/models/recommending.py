"""Which of the models that were found fits this computer best, for each role. Pure: values in, values out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from emmaus.models.choice import ROLES, Role
from emmaus.models.discovery import Model, Server
from emmaus.models.machine import Machine
from emmaus.types.sizes import gigabytes

BESIDE = 1.2
"""How many times its file a model takes in memory, before the conversation."""
CONTEXT = 4096
"""Tokens of the conversation that must fit beside it, the default window here."""
PER_TOKEN = 2e-5
"""Bytes that a token takes in the cache, for each parameter: measured values lie at 1.4e-5 (phi-4, grouped heads)
to 2.7e-5 (a model of one billion)."""
PHI4_BYTES = 9_053_116_391
"""Bytes of phi-4 (14.7 billion parameters) as Ollama serves it, in Q4_K_M."""
PHI4_PARAMETERS = 14_659_507_200
BYTES_EACH = 0.62
"""Bytes of a parameter in Q4_K_M, as most models are served: phi-4's."""
JUDGES = 7_000_000_000
"""Parameters from which a model is worth trying as a judge: smaller ones say yes to nearly everything."""
_NAMED = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)
"""A number of parameters in a name: `Qwen2.5-7B-Instruct`."""
RUNNING = frozenset({"llama-server", "vLLM"})
"""Servers whose model lies in memory already."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to choose for a role, and why."""

    role: Role
    reason: str
    """A sentence."""
    url: str = ""
    """Address of the server; "" is the model inside (of a judge: none)."""
    name: str = ""
    fetch: str = ""
    """Command that brings a better model, where one would fit."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    server: Server
    model: Model
    place: int
    """2 in the memory of a graphics card, 1 in that of the processor, 0 where its server does not tell its size."""

    @property
    def size(self) -> float:
        """Parameters, told or guessed."""
        return _parameters(self.model)


def needed(size_bytes: int, parameters: int | None) -> int:
    """Bytes of memory that a model takes with one conversation."""
    beside = PER_TOKEN * parameters * CONTEXT if parameters else 0.1 * size_bytes
    return round(BESIDE * size_bytes + beside)


def recommend(machine: Machine, servers: Sequence[Server]) -> tuple[Recommendation, ...]:
    """Recommend a model for each role."""
    fitting = sorted(_fitting(machine, servers), key=_rank, reverse=True)
    best = fitting[0] if fitting else None
    largest = max(fitting, key=lambda found: (found.size, found.place), default=None)
    made = {
        "chat": _chat(machine, servers, best),
        "generator": _generator(largest, best),
        "judge": _judge(largest),
        "embedder": Recommendation(
            "embedder", "the embedder inside: the vectors of its verses ship, another would make them all anew"
        ),
    }
    return tuple(made[role] for role in ROLES)


def _fitting(machine: Machine, servers: Iterable[Server]) -> Iterator[_Candidate]:
    for server in servers:
        for model in server.models:
            if model.kind == "chat" and (place := _place(machine, server, model)) is not None:
                yield _Candidate(server, model, place)


def _place(machine: Machine, server: Server, model: Model) -> int | None:
    """Where a model fits; None where it does not."""
    if server.kind in RUNNING:
        return 2 if machine.video else 1
    if model.size_bytes is None:
        return 0
    need = needed(model.size_bytes, model.parameters)
    # What a server has loaded already is not free, and is freed for the next: the card counts as a whole.
    if need <= machine.video:
        return 2
    return 1 if need <= max(machine.free, machine.video_free if machine.unified else 0) else None


def _rank(found: _Candidate) -> tuple[bool, bool, int, float]:
    """A model whose size is known before others, phi-4 before others in the same place, then the larger one."""
    return found.place > 0, found.place == 2, _is_phi4(found.model), found.size


def _parameters(model: Model) -> float:
    """How many parameters a model has; of one that does not tell, by its name or its bytes."""
    if model.parameters:
        return model.parameters
    if named := _NAMED.search(model.name):
        return float(named[1]) * 1e9
    if _is_phi4(model):
        return PHI4_PARAMETERS
    return (model.size_bytes or 0) / BYTES_EACH


def _is_phi4(model: Model) -> bool:
    name = model.name.lower().rpartition("/")[2].replace("-", "")
    return name.startswith("phi4") and not name.startswith(("phi4mini", "phi4reasoning", "phi4multimodal"))


def _chat(machine: Machine, servers: Sequence[Server], best: _Candidate | None) -> Recommendation:
    room = _room(machine)
    fetch = _fetch(machine, servers)
    if best is None:
        why = (
            f"none of the models that were found fits in {room}" if any(s.models for s in servers) else "no other found"
        )
        return Recommendation("chat", f"the embedded model: {why}; it answers at once and needs no server", fetch=fetch)
    name = best.model.name
    chosen = {"url": best.server.url, "name": name}
    if best.place == 0:
        reason = f"{name}: its server does not tell how large it is, so try it out before you choose it"
    else:
        first = "phi-4 is what Emmaus was made with" if _is_phi4(best.model) else "the largest that fits"
        slow = "" if best.place == 2 else "; without a graphics card expect a few words a second"
        where = "it is loaded already" if best.server.kind in RUNNING else f"it fits in {room}"
        reason = f"{name} on {best.server.kind}: {first}, and {where}{slow}"
    return Recommendation("chat", reason, fetch="" if _is_phi4(best.model) else fetch, **chosen)


def _generator(largest: _Candidate | None, best: _Candidate | None) -> Recommendation:
    if largest is None:
        return Recommendation("generator", "the model that answers chats: no larger one was found that fits")
    if best is not None and largest.model == best.model:
        return Recommendation(
            "generator",
            f"{largest.model.name}: what answers best is the best teacher, too",
            largest.server.url,
            largest.model.name,
        )
    reason = f"{largest.model.name}: the largest that fits; what it writes may take longer, for nobody waits"
    return Recommendation("generator", reason, largest.server.url, largest.model.name)


def _judge(largest: _Candidate | None) -> Recommendation:
    if largest is None or largest.size < JUDGES:
        return Recommendation(
            "judge", "none: models under seven billion parameters say yes to nearly everything, the checks judge alone"
        )
    return Recommendation(
        "judge",
        f"{largest.model.name}: the largest that fits; its word counts once its agreement with people was measured",
        largest.server.url,
        largest.model.name,
    )


def _fetch(machine: Machine, servers: Sequence[Server]) -> str:
    """How to get phi-4, where it would fit and Ollama runs without it."""
    ollama = next((server for server in servers if server.kind == "Ollama"), None)
    known = any(_is_phi4(model) for server in servers for model in server.models)
    fits = needed(PHI4_BYTES, PHI4_PARAMETERS) <= max(machine.video, machine.free)
    return "ollama pull phi4" if ollama and fits and not known else ""


def _room(machine: Machine) -> str:
    if machine.unified:
        return f"the {gigabytes(machine.memory)} that processor and graphics share"
    if machine.video:
        return f"{gigabytes(machine.video)} of video memory"
    return f"{gigabytes(machine.free)} of free memory"
