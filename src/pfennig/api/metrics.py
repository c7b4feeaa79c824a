"""GET /metrics: what those who watch want to know, for Prometheus. Source: docs/operators.md#metrics.

Each process counts; those of one `serve` count into files that they share, so that whichever of them is asked answers
for all. What the database knows is read when somebody asks.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime

import falcon
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from pfennig import __version__, ids, web
from pfennig.api.door import UnknownAddress
from pfennig.errors import Unavailable
from pfennig.operations import watch
from pfennig.operations.core.call import Platform
from pfennig.operations.core.validity import BadToken
from pfennig.operations.watch import StatusSnapshot

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

COUNTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "pfennig_requests_total": ("requests that were answered", ("operation", "status")),
    "pfennig_request_seconds": ("how long answers took, as a histogram", ("operation",)),
    "pfennig_payments_moved_total": ("payments that came into a state, in processes of `serve`", ("method", "state")),
    "pfennig_rail_failures_total": (
        "questions that a rail did not answer in processes of `serve`: `silence`, `credentials` refused, or a `bug`",
        ("rail", "why"),
    ),
}

READ: dict[str, tuple[str, tuple[str, ...]]] = {
    "pfennig_info": ("always 1; which version, and which profile", ("profile", "version")),
    "pfennig_database_up": ("1 if the database answers; else the metrics below are not there", ()),
    "pfennig_outbox_open": ("pushes and mails that are still to be delivered", ("outbox",)),
    "pfennig_outbox_age_seconds": ("how long the oldest of them has been waiting", ("outbox",)),
    "pfennig_outbox_late_seconds": ("how long one has been due without a worker that took it", ("outbox",)),
    "pfennig_outbox_given_up": ("pushes and mails that were given up", ("outbox",)),
    "pfennig_attempts_open": ("questions to rails that are open, by whom they wait for", ("waits_for",)),
    "pfennig_payments_under_way": ("payments in a state in which somebody has to do something", ("state",)),
    "pfennig_ledger_differences": ("what the last complete look at the books found", ()),
    "pfennig_ledger_age_seconds": ("how long ago that was", ()),
}
"""The metrics, with their meaning and labels. docs/reference/metrics.md is made from these."""


class Metrics:
    """The counters of the doors."""

    def __init__(self) -> None:
        requests, seconds, moved, failures = COUNTED
        self.requests = Counter(requests, *COUNTED[requests], registry=None)
        self.seconds = Histogram(seconds, *COUNTED[seconds], registry=None, buckets=SECONDS)
        self.moves = Counter(moved, *COUNTED[moved], registry=None)
        self.failures = Counter(failures, *COUNTED[failures], registry=None)

    def count_failure(self, rail: str, why: str) -> None:
        """Counts a question that a rail did not answer."""
        self.failures.labels(rail, why).inc()

    def count_answer(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answer of a door."""
        self.requests.labels(operation, status).inc()
        self.seconds.labels(operation).observe(seconds)

    def count_move(self, method: str, state: str) -> None:
        """Counts a payment that came into a state."""
        self.moves.labels(method, state).inc()

    def text(self, stock: Collector) -> bytes:
        """All metrics of all processes, and the stock in the database, as Prometheus reads them."""
        counters: tuple[Collector, ...] = (self.requests, self.seconds, self.moves, self.failures)
        if watch.SHARED_FOLDER in os.environ:
            counters = (MultiProcessCollector(None),)  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        for collector in (*counters, stock):
            registry.register(collector)
        return generate_latest(registry)


class Stock:
    """The figures that the database gives at this moment; without a database, that it is away."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges, in the order of their table."""
        yield gauge("pfennig_info", {(self.platform.can.name, __version__): 1})
        try:
            stand = watch.status_snapshot(self.platform.database)
        except Unavailable:
            yield gauge("pfennig_database_up", {(): 0})
            return
        yield gauge("pfennig_database_up", {(): 1})
        yield from outboxes(stand)
        yield gauge("pfennig_attempts_open", {(who,): number for who, number in stand.attempts.items()})
        yield gauge("pfennig_payments_under_way", {(state,): number for state, number in stand.payments.items()})
        if stand.check:
            yield gauge("pfennig_ledger_differences", {(): stand.check.differences})
            yield gauge("pfennig_ledger_age_seconds", {(): seconds_since(stand.check.updated, stand.real_now)})


def outboxes(stand: StatusSnapshot) -> Iterator[GaugeMetricFamily]:
    """The figures of what waits in the outboxes."""
    boxes = stand.outbox.items()
    yield gauge("pfennig_outbox_open", {(name,): box.number for name, box in boxes})
    yield gauge("pfennig_outbox_age_seconds", {(name,): seconds_since(box.oldest, stand.now) for name, box in boxes})
    yield gauge("pfennig_outbox_late_seconds", {(name,): seconds_since(box.due, stand.now) for name, box in boxes})
    yield gauge("pfennig_outbox_given_up", {(name,): box.given_up for name, box in boxes})


def gauge(name: str, values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    """A metric of the table with a value for each of its labels."""
    family = GaugeMetricFamily(name, READ[name][0], labels=READ[name][1])
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def seconds_since(moment: datetime | None, now: datetime) -> float:
    """The seconds since a moment; 0 for none, and for one to come."""
    return max((now - moment).total_seconds(), 0) if moment else 0


class MetricsDoor:
    """Shows the metrics to whoever has the token for them. Without one they are there in the twin only."""

    def __init__(self, platform: Platform, metrics: Metrics, token: str) -> None:
        self.platform, self.metrics, self.token = platform, metrics, token

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The metrics. Raises BadToken, UnknownAddress."""
        if self.token and not ids.same(self.token, web.bearer(request)):
            raise BadToken
        if not self.token and not self.platform.can.shows_metrics:
            raise UnknownAddress("The metrics are shown only with a token, and none is set")
        response.content_type = CONTENT_TYPE_PLAIN_0_0_4
        response.set_header("Cache-Control", "no-store")
        response.data = self.metrics.text(Stock(self.platform))
