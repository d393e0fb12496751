"""What a long-running command has done, and how it is, as Prometheus reads it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from prometheus_client import CollectorRegistry

    from agent.road.runner.pool import RunPool
    from agent.road.runner.worker import Answer, Request
    from agent.road.supervision.health import Health


class Measured:
    """A pool whose runs are counted.

    Parameters
    ----------
    pool
        Runs the studies.
    """

    def __init__(self, pool: RunPool) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._pool = pool
        self.running = 0
        """How many runs there are at this moment."""
        self._lock = threading.Lock()
        self.registry = CollectorRegistry()
        self._runs = Counter(
            "qraft_runs", "Runs that ended.", ["road", "outcome"], registry=self.registry
        )
        self._now = Gauge("qraft_runs_running", "Runs at this moment.", registry=self.registry)
        self._seconds = Histogram(
            "qraft_run_seconds", "How long runs took.", ["road"], registry=self.registry,
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
        )  # fmt: skip
        self._told = Counter(
            "qraft_events_told", "Events that runs were the cause of.", registry=self.registry
        )

    def submit(self, request: Request) -> Future[Answer]:
        """Run a study; see :meth:`RunPool.submit`."""
        began = time.monotonic()
        future = self._pool.submit(request)
        self._count(+1)

        def count(done: Future[Answer]) -> None:
            self._count(-1)
            if done.cancelled():
                return
            if done.exception() is not None:
                self._runs.labels(request.road, "failed").inc()
                return
            answer = done.result()
            outcome = {0: "done", 2: "bad_input"}.get(answer.exit_code, "failed")
            self._runs.labels(request.road, outcome).inc()
            self._seconds.labels(request.road).observe(time.monotonic() - began)
            self._told.inc(answer.told)

        future.add_done_callback(count)
        return future

    def _count(self, change: int) -> None:
        with self._lock:
            self.running += change
            self._now.set(self.running)


@contextmanager
def served(
    registry: CollectorRegistry, port: int | None, *, health: Health | None = None
) -> Iterator[Any]:
    """Serve the figures at ``http://127.0.0.1:port/metrics``; None: nowhere.

    Raises
    ------
    Failed
        If the port is taken.
    """
    if port is None:
        yield None
        return
    from agent.road.supervision.part import Part
    from agent.road.supervision.serving import Server

    server = Server(port, registry, health)
    part = Part("metrics", server.serve, threading.Event())
    part.start()
    try:
        yield server
    finally:
        part.end()
        server.server_close()
