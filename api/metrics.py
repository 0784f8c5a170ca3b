"""Figures for Prometheus. Each application has its own registry, so that tests may have many."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journeyman.channels.warming.figures import Figure
from journeyman.customers.inbox.errors import RefusedError

COUNTED_EVERY = timedelta(seconds=30)
"""Coupon codes are counted by going through all of them: no more often than this, however many ask."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the HTTP layer counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "journeyman_http_requests_total",
            "Requests by method, route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "journeyman_http_request_seconds",
            "Time to the whole answer",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.events = Counter(
            "journeyman_ingest_events_total",
            "Events at the door: accepted, duplicate or refused",
            ["outcome"],
            registry=self.registry,
        )
        self.depth = Gauge("journeyman_inbox_depth", "Events that wait for intake", registry=self.registry)
        self.coupons = Gauge(
            "journeyman_coupon_codes",
            "Coupon codes by pool and state: free, reserved, given or redeemed",
            ["pool", "state"],
            registry=self.registry,
        )
        self.warm_up = Gauge(
            "journeyman_warm_up_messages",
            "Messages of providers that are new today, by mailbox provider: most, taken, or kept for some that wait",
            ["provider", "part", "state"],
            registry=self.registry,
        )
        self._coupons_at: datetime | None = None
        self._accepted, self._duplicate, self._refused = (
            self.events.labels(outcome) for outcome in ("accepted", "duplicate", "refused")
        )

    def took_in(self, *, accepted: int = 0, duplicate: int = 0, refused: int = 0) -> None:
        """Count events at the door."""
        self._accepted.inc(accepted)
        self._duplicate.inc(duplicate)
        self._refused.inc(refused)

    @contextmanager
    def counting_refusals(self) -> Iterator[None]:
        """Count one refusal where the block refuses all that was sent."""
        try:
            yield
        except RefusedError:
            self._refused.inc()
            raise

    def lacks_coupons(self, now: datetime) -> bool:
        """Whether it is time to count the codes again."""
        return self._coupons_at is None or now >= self._coupons_at + COUNTED_EVERY

    def count_coupons(self, counts: Iterable[tuple[str, str, int]], now: datetime) -> None:
        """Let these be the numbers of codes by (pool, state), as of now."""
        self._coupons_at = now
        self.coupons.clear()
        for pool, state, number in counts:
            self.coupons.labels(pool, state).set(number)

    def count_warm_up(self, figures: Iterable[Figure]) -> None:
        """Let these be the figures of warm-up ramps."""
        self.warm_up.clear()
        for one in figures:
            for state, number in (("most", one.most), ("taken", one.taken), ("kept", one.kept)):
                self.warm_up.labels(one.provider, one.part, state).set(number)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Measured:
    """Middleware that counts and times each request under its route's template, never under its path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        self.metrics.requests.labels(method, route, status).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
