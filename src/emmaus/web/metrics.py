"""What an operator may know: how much is asked and answered, how fast, and how it ends. Never who, never what.

The labels are few: routes by their template, kinds by their name. Every application has a registry of its own.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from emmaus.api import Emmaus
from emmaus.errors import EmmausError
from emmaus.types import Job, JobState, Rating
from emmaus.web.tracing import Tracing, tracing
from emmaus.web.watching import Watch

QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Seconds: pages take milliseconds, the first word of a small model a second, a whole answer of a large one minutes."""


class Observer:
    """Counts and times what happens in one application, and sends spans where that is set up."""

    def __init__(self, home: Emmaus) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        labels = ("method", "route", "status")
        self._requests = Counter("emmaus_requests", "Requests answered.", labels, registry=registry)
        self._seconds = Histogram(
            "emmaus_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("route",),
            buckets=QUICK,
            registry=registry,
        )
        self._first = Histogram(
            "emmaus_first_token_seconds",
            "Seconds from a question to the first piece that the model gave.",
            buckets=QUICK,
            registry=registry,
        )
        self._tokens = Counter("emmaus_tokens_out", "Tokens that the model gave.", registry=registry)
        self._asked = Counter("emmaus_tokens_in", "Tokens that the model was given.", registry=registry)
        self._answers = Counter("emmaus_answers", "Answers by how they ended.", ("end",), registry=registry)
        self.streams = Gauge("emmaus_open_streams", "Streams that are open now.", registry=registry)
        registry.register(_Kept(home))
        self.tracing: Tracing | None = tracing()

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, watch: Watch) -> None:
        """Note an answer that is over."""
        for drawing in watch.begun:
            self._tokens.inc(drawing.completion_tokens)
            self._asked.inc(drawing.prompt_tokens)
        for drawing in watch.begun[:1]:
            self._first.observe(((drawing.first or 0) - watch.began) / 1e9)
        ended = "stopped" if watch.stopped.asked else "broken" if watch.broken else watch.finish
        self._answers.labels(ended).inc()
        if self.tracing:
            self.tracing.answered(watch)

    def text(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry)


class _Kept(Collector):
    """What is counted in the store when somebody asks."""

    def __init__(self, home: Emmaus) -> None:
        self._home = home

    def describe(self) -> list[Metric]:
        """Nothing beforehand: to register it must not open the store."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Count; where the store or the model cannot be reached, the rest is told all the same."""
        store = self._home.store
        try:
            jobs = GaugeMetricFamily("emmaus_jobs", "Jobs by state.", labels=["state"])
            for state in JobState:
                jobs.add_metric([state.value], store.count(Job, state=state.value))
            yield jobs
            ratings = GaugeMetricFamily("emmaus_ratings", "Ratings that are kept, by value.", labels=["value"])
            for value in (-1, 0, 1):
                ratings.add_metric([str(value)], store.count(Rating, value=value))
            yield ratings
            restarts = CounterMetricFamily("emmaus_engine_restarts", "How often the embedded engine was replaced.")
            restarts.add_metric([], getattr(self._home.parts.model, "restarts", 0))
            yield restarts
        except EmmausError:
            return
