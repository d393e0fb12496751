"""What a long-running command has done, as Prometheus reads it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from configs.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from agent.runner.pool import RunPool
    from agent.runner.worker import Answer, Request

LOOPBACK = "127.0.0.1"


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
        import time

        began = time.monotonic()
        self._now.inc()
        future = self._pool.submit(request)

        def count(done: Future[Answer]) -> None:
            self._now.dec()
            answer = done.result()
            outcome = {0: "done", 2: "bad_input"}.get(answer.exit_code, "failed")
            self._runs.labels(request.road, outcome).inc()
            self._seconds.labels(request.road).observe(time.monotonic() - began)
            self._told.inc(answer.told)

        future.add_done_callback(count)
        return future


@contextmanager
def served(registry: Any, port: int | None) -> Iterator[None]:
    """Let Prometheus read the figures at ``http://127.0.0.1:port/metrics``; None: nobody.

    Raises
    ------
    Failed
        If the port is taken.
    """
    if port is None:
        yield
        return
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
    except OSError as error:
        raise Failed(f"port {port} cannot be used for metrics: {error}") from error
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
