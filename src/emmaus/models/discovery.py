"""Which model servers run on this computer, and what they offer.

Each program is told by what its own API documents, whatever port it listens at: Ollama (`/api/version`, `/api/tags`,
`/api/show`), LM Studio (`/api/v1/models`, and `/api/v0/models` before 0.4), llama-server (`/props`, `/v1/models`), vLLM
(`/version`, `/v1/models`). Nothing is loaded or started by looking.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from emmaus.errors import BadInput
from emmaus.models import transport
from emmaus.models.choice import address
from emmaus.models.transport import LOOPBACK, Lost, Refused, Silent

USUAL = {11434: "Ollama", 1234: "LM Studio", 8080: "llama-server", 8000: "vLLM", 8001: "vLLM"}
"""Ports of the loopback that these programs listen at when nobody says otherwise."""
PATIENCE = 1.5
"""Seconds that a server has for each answer: it lists what it knows, and does not think."""
OURS = "/problems/not-signed-in"
"""How the kind of problem ends that another Emmaus answers with: it asks for a key too, and is no model server."""
AT_ONCE = 8
"""Models of one server that are asked about at once."""
_EMBEDS = re.compile(r"embed|minilm|\b(bge|gte|e5)\b|nomic-bert", re.IGNORECASE)
_COUNT = re.compile(r"([\d.]+)\s*([KMBT])", re.IGNORECASE)
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}

Ask: TypeAlias = Callable[..., Any]
"""From a path, and a body where one is posted, to the JSON that the server gives; None where it refuses."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a server offers; what the server does not tell is None."""

    name: str
    kind: Literal["chat", "embedding"]
    size_bytes: int | None = None
    """Bytes of its weights."""
    context: int | None = None
    """Tokens that it can hold at once: as it is served, else as it was trained."""
    parameters: int | None = None
    quantisation: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A model server that runs."""

    kind: str
    """Ollama, LM Studio, llama-server or vLLM."""
    url: str
    """Its address, without `/v1`."""
    version: str
    """"" where it does not say."""
    models: tuple[Model, ...]
    fault: str = ""
    """Why it lists no models, in a sentence; empty where it does."""


def usual(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Addresses where a server may be: the usual ports, and what OLLAMA_HOST names if it is this computer."""
    found = [f"http://127.0.0.1:{port}" for port in USUAL]
    named = environment.get("OLLAMA_HOST", "").strip()
    if named:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        try:
            host, port = parts.hostname or "127.0.0.1", parts.port or 11434
        except ValueError:  # no port is written so; Ollama itself would not start
            return tuple(found)
        if host in {*LOOPBACK, "0.0.0.0", "::"}:  # a server that listens at all addresses listens at this one too
            here = "[::1]" if host == "::1" else "127.0.0.1"
            found.insert(0, f"http://{here}:{port}")
    return tuple(dict.fromkeys(found))


def discover(addresses: Iterable[str] | None = None, *, without: Collection[int] = ()) -> tuple[Server, ...]:
    """Find the model servers at these addresses (the usual ones of this computer), all asked at the same time.

    `without` are ports that are not asked: one's own. Nothing here fails; a server that does not answer is none.
    """
    asked = [url for url in (usual() if addresses is None else addresses) if urlsplit(url).port not in without]
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        return tuple(found for found in pool.map(probe, asked) if found)


def probe(url: str, key: str = "none", *, timeout: float = PATIENCE) -> Server | None:
    """Ask the server at an address what it is; None where nobody answers, or another program."""
    try:
        server = transport.Server(address(url), key or "none", timeout=timeout)
    except (ValueError, BadInput):
        return None
    with closing(server):

        def ask(path: str, body: Mapping[str, Any] | None = None) -> Any:
            try:
                return server.get(path) if body is None else server.post(path, body)
            except Refused as error:
                if error.status in {401, 403}:
                    raise
                return None

        try:
            looks = (_ollama, _lm_studio, _llama_server, _vllm)
            return next((found for look in looks if (found := look(ask, server.url))), None)
        except Refused as error:
            if str(error.details.get("type", "")).endswith(OURS):
                return None
            port = urlsplit(server.url).port or 0
            fault = "it asks for an API key before it lists its models: give the key with the model's name"
            return Server(USUAL.get(port, "a model server"), server.url, "", (), fault)
        except (Lost, Silent):
            return None


def _ollama(ask: Ask, url: str) -> Server | None:
    version = _text(ask("/api/version"), "version")
    if not version:
        return None
    listed = _dicts(ask("/api/tags"), "models")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        models = tuple(pool.map(partial(_of_ollama, ask), listed))
    return Server("Ollama", url, version, tuple(model for model in models if model.name))


def _of_ollama(ask: Ask, listed: Mapping[str, Any]) -> Model:
    name, details = _text(listed, "name"), _dict(listed, "details")
    try:
        shown = ask("/api/show", {"model": name})
    except (Lost, Silent):  # what the list tells of it is enough to choose it
        shown = None
    info, can = _dict(shown, "model_info"), (shown or {}).get("capabilities") or ()
    context = next((_whole(value) for key, value in info.items() if key.endswith(".context_length")), None)
    embeds = ("embedding" in can and "completion" not in can) if can else _embeds(name, _text(details, "family"))
    return Model(
        name,
        "embedding" if embeds else "chat",
        _whole(listed.get("size")),
        context,
        _whole(info.get("general.parameter_count")) or _count(_text(details, "parameter_size")),
        _text(details, "quantization_level"),
    )


def _lm_studio(ask: Ask, url: str) -> Server | None:
    answer = ask("/api/v1/models")
    if isinstance(answer, dict) and isinstance(answer.get("models"), list):
        models = [_of_lm_studio(listed) for listed in _dicts(answer, "models")]
    else:
        answer = ask("/api/v0/models")
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            return None
        models = [_of_lm_studio_before(listed) for listed in _dicts(answer, "data")]
    return Server("LM Studio", url, "", tuple(model for model in models if model.name))


def _of_lm_studio(listed: Mapping[str, Any]) -> Model:
    loaded = _dicts(listed, "loaded_instances")
    served = _whole(_dict(loaded[0], "config").get("context_length")) if loaded else None
    return Model(
        _text(listed, "key"),
        "embedding" if _text(listed, "type") == "embedding" else "chat",
        _whole(listed.get("size_bytes")),
        served or _whole(listed.get("max_context_length")),
        _count(_text(listed, "params_string")),
        _text(_dict(listed, "quantization"), "name"),
    )


def _of_lm_studio_before(listed: Mapping[str, Any]) -> Model:
    return Model(
        _text(listed, "id"),
        "embedding" if _text(listed, "type") == "embeddings" else "chat",
        context=_whole(listed.get("loaded_context_length")) or _whole(listed.get("max_context_length")),
        quantisation=_text(listed, "quantization"),
    )


def _llama_server(ask: Ask, url: str) -> Server | None:
    props = ask("/props")
    settings = _dict(props, "default_generation_settings")
    if not settings:
        return None
    answer = ask("/v1/models")
    can = {_text(one, "model") or _text(one, "name"): one.get("capabilities") for one in _dicts(answer, "models")}
    models = []
    for listed in _dicts(answer, "data"):
        name, meta = _text(listed, "id"), _dict(listed, "meta")
        said = can.get(name) or ()
        models.append(
            Model(
                name,
                "embedding" if "embedding" in said or (not said and _embeds(name)) else "chat",
                _whole(meta.get("size")),
                _whole(settings.get("n_ctx")) or _whole(meta.get("n_ctx_train")),
                _whole(meta.get("n_params")),
            )
        )
    return Server("llama-server", url, _text(props, "build_info"), tuple(model for model in models if model.name))


def _vllm(ask: Ask, url: str) -> Server | None:
    version = _text(ask("/version"), "version")
    listed = _dicts(ask("/v1/models"), "data") if version else []
    own = [one for one in listed if one.get("owned_by") == "vllm" or _whole(one.get("max_model_len"))]
    if not own:
        return None
    names = [(_text(one, "id"), _whole(one.get("max_model_len"))) for one in own]
    models = (Model(name, "embedding" if _embeds(name) else "chat", context=context) for name, context in names if name)
    return Server("vLLM", url, version, tuple(models))


def _embeds(*names: str) -> bool:
    """Whether a name is that of an embedding model: some servers tell it in no other way."""
    return any(_EMBEDS.search(name) or name.endswith("bert") for name in names)


def _dict(data: Any, name: str) -> Mapping[str, Any]:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _dicts(data: Any, name: str) -> list[Mapping[str, Any]]:
    found = data.get(name) if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(data: Any, name: str) -> str:
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, str) else ""


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _count(said: str) -> int | None:
    """Read a number of parameters: "14.7B", "270M"."""
    match = _COUNT.fullmatch(said.strip())
    try:
        return round(float(match[1]) * _UNITS[match[2].upper()]) if match else None
    except ValueError:
        return None
