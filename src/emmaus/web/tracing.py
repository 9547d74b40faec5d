"""Spans for OpenTelemetry, where its standard variable says where to send them. Nothing of it is imported otherwise.

A request is a span; the looking up for an answer and each asking of the model are spans within it, with the attributes
of the GenAI conventions: which model, how many tokens. No question, no answer, nobody's name.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emmaus.web.watching import Drawing, Watch

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span, TracerProvider

WHERE = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""https://opentelemetry.io/docs/specs/otel/protocol/exporter/"""
NAME = "emmaus"
_log = logging.getLogger("emmaus.web")


class Tracing:
    """Where spans go."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(NAME)

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """A span around a request, within that of who asks where they name one; `end` it when its answer is known."""
        from opentelemetry.trace import SpanKind, use_span
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract(headers)
        span: Any = self._tracer.start_span(method, context, SpanKind.SERVER)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            yield span

    def requested(self, span: Span, method: str, route: str, status: int) -> None:
        """Say of a request what it was."""
        from opentelemetry.trace import StatusCode

        span.update_name(f"{method} {route}")
        span.set_attributes({
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        })  # fmt: skip
        if status >= 500:
            span.set_status(StatusCode.ERROR)

    def answered(self, watch: Watch) -> None:
        """Say how an answer came about, within the span of its request."""
        until = watch.drawn[0].began if watch.drawn else watch.ended or time.time_ns()
        found = self._tracer.start_span("retrieval " + NAME, start_time=watch.began)
        found.set_attributes({"gen_ai.operation.name": "retrieval", "gen_ai.provider.name": NAME})
        found.end(until)
        for drawing in watch.begun or watch.drawn[-1:]:
            self._drawn(drawing, watch.broken)

    def _drawn(self, drawing: Drawing, broken: str) -> None:
        from opentelemetry.trace import SpanKind, StatusCode

        span = self._tracer.start_span(f"chat {drawing.model}", kind=SpanKind.CLIENT, start_time=drawing.began)
        sampling = drawing.sampling
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": NAME,
            "gen_ai.request.model": drawing.model,
            "gen_ai.request.max_tokens": sampling.max_tokens,
            "gen_ai.request.temperature": sampling.temperature,
            "gen_ai.request.top_p": sampling.top_p,
            "gen_ai.request.stream": True,
            "gen_ai.response.model": drawing.adapter or drawing.model,
            "gen_ai.response.finish_reasons": [drawing.finish],
            "gen_ai.usage.input_tokens": drawing.prompt_tokens,
            "gen_ai.usage.output_tokens": drawing.completion_tokens,
        }
        if drawing.first is not None:
            attributes["gen_ai.response.time_to_first_chunk"] = (drawing.first - drawing.began) / 1e9
        if broken and drawing.end is None:
            attributes["error.type"] = broken
            span.set_status(StatusCode.ERROR)
        span.set_attributes(attributes)
        span.end(drawing.ended)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def tracing() -> Tracing | None:
    """Set spans up as the environment says; None where it says nothing, or where the extra `otel` is not installed."""
    if not any(os.environ.get(name) for name in WHERE) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("%s is set and nothing is sent there: pip install 'emmaus[otel]'", WHERE[1])
        return None
    named = os.environ.get("OTEL_SERVICE_NAME") or NAME
    provider = TracerProvider(resource=Resource.create({"service.name": named}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
