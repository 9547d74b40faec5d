"""Errors as programs read them: problem+json (RFC 9457) under /api, the shape of OpenAI under /v1.

Each kind of problem has a page of its own, to which its `type` points. Knows nothing of what raises them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from emmaus import errors
from emmaus.types import sound

API, GATEWAY = "/api/", "/v1/"
MEDIA = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    slug: str
    status: int
    title: str
    explanation: str


KINDS = (
    Kind(
        "bad-input", 400, "This cannot be used", "What was sent can be read, and cannot be done. Its detail says why."
    ),
    Kind("malformed", 400, "This is not JSON", "The body cannot be read as JSON: send it as UTF-8, whole, and once."),
    Kind("not-signed-in", 401, "Nobody is signed in", "Sign in, or send a key: Authorization: Bearer KEY."),
    Kind("forbidden", 403, "This is not for you to do", "Who asks may not do this, or asked from another site."),
    Kind(
        "not-consented",
        403,
        "Not without consent",
        "Nothing of a person is kept, rated or used unless they agreed to it. PUT /api/consent says what they allow.",
    ),
    Kind(
        "not-found", 404, "There is no such thing", "The address, or the id in it or in the body, names nothing here."
    ),
    Kind(
        "method-not-allowed", 405, "Not in this way", "The address is right, its method is not: see the header Allow."
    ),
    Kind(
        "as-things-stand",
        409,
        "Not as things stand",
        "It could be done at another time, or after something else: the detail says which.",
    ),
    Kind(
        "too-large",
        413,
        "This is too long",
        "Send less at once: 64 KiB to the API, 1 MiB of a conversation to the gateway.",
    ),
    Kind("unsupported-media-type", 415, "Not of this type", "Bodies are JSON: send Content-Type: application/json."),
    Kind(
        "misdirected",
        421,
        "Not under this name",
        "Emmaus answers to names that it was told are its own, so that no other site can reach it under one of theirs.",
    ),
    Kind(
        "invalid",
        422,
        "This is not what is expected here",
        "The body or a parameter differs from what /api/openapi.json describes: `errors` lists where and how.",
    ),
    Kind("too-often", 429, "Too often", "Wait as many seconds as the header Retry-After says, then try again."),
    Kind("broken", 500, "Something broke", "A mistake in the program. What was kept is safe; its log says more."),
    Kind(
        "unavailable",
        503,
        "Not at the moment",
        "The model, or what is kept, cannot be reached, or too many ask at once: the detail says what mends it.",
    ),
)
"""Every kind; the first of a status is told where nothing more is known."""
BY_SLUG = {kind.slug: kind for kind in KINDS}
RAISED: Mapping[type[errors.EmmausError], str] = {
    errors.NotFound: "not-found",
    errors.BadInput: "bad-input",
    errors.NotConsented: "not-consented",
    errors.NotSignedIn: "not-signed-in",
    errors.NotAllowed: "forbidden",
    errors.TooOften: "too-often",
    errors.TooMany: "unavailable",
    errors.ModelError: "unavailable",
    errors.StoreError: "unavailable",
}
"""The kind that each error is told as; any other cannot be done as things stand."""


def kind_of(error: errors.EmmausError) -> Kind:
    """Return the kind that an error is told as."""
    return BY_SLUG[next((slug for type_, slug in RAISED.items() if isinstance(error, type_)), "as-things-stand")]


def of_status(status: int) -> Kind:
    """Return the kind that a bare status is told as."""
    found = (kind for kind in KINDS if kind.status == status)
    return next(found, None) or Kind("bad-input" if status < 500 else "broken", status, "Refused", "")


def is_program(path: str) -> bool:
    """Whether programs ask at this address, rather than browsers for pages."""
    return path.startswith((API, GATEWAY)) or path == GATEWAY.rstrip("/")


def told(
    path: str,
    kind: Kind,
    sentence: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Tell a program at this address what went wrong."""
    sentence = sound(sentence)  # it may name what was given
    if not path.startswith(API):
        wrong = errors[0]["where"].removeprefix("body.") if errors else None
        return JSONResponse(openai_error(kind, sentence, code=code, param=param or wrong), kind.status, headers)
    body: dict[str, Any] = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": sentence,
        "instance": path,
    }
    if errors:
        body["errors"] = [{name: sound(text) for name, text in error.items()} for error in errors]
    return JSONResponse(body, kind.status, headers, media_type=MEDIA)


def openai_error(kind: Kind, sentence: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """Say it as OpenAI does."""
    type_ = "server_error" if kind.status >= 500 else "invalid_request_error"
    return {"error": {"message": sentence, "type": type_, "param": param, "code": code or kind.slug.replace("-", "_")}}


def describe(app: FastAPI) -> None:
    """Let the OpenAPI document name, for every route, who is let in, and how it tells what goes wrong."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            components = made.setdefault("components", {})
            components["securitySchemes"], made["security"] = {"key": KEY}, [{"key": []}]
            schemas = components.setdefault("schemas", {})
            schemas |= {"Problem": PROBLEM, "OpenAIError": OPENAI_ERROR}
            for path, methods in made["paths"].items():
                for operation in methods.values():
                    operation["responses"] |= _responses(path)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _responses(path: str) -> dict[str, Any]:
    media, schema = (MEDIA, "Problem") if path.startswith(API) else ("application/json", "OpenAIError")
    content = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    titles: dict[int, list[str]] = {}
    for kind in KINDS:
        titles.setdefault(kind.status, []).append(kind.title)
    return {str(status): {"description": "; ".join(title), "content": content} for status, title in titles.items()}


KEY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "emm_ID_SECRET",
    "description": (
        "A key of one's own, made at /account or with emmaus key add; it does what its rights allow. OpenAI clients "
        "take it as api_key. The program's own pages come with the cookie of their session instead."
    ),
}
"""How a program says who it is."""
_TEXT = {"type": "string"}
PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Address of a page that explains this kind of problem."},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong and what mends it, in a sentence."},
        "instance": {"type": "string", "description": "The address that was asked."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": _TEXT, "what": _TEXT},
            },
        },
    },
}
OPENAI_ERROR = {
    "title": "OpenAIError",
    "description": "What went wrong, as OpenAI's API says it.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": _TEXT,
                "type": _TEXT,
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
