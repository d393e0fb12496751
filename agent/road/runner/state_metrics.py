"""Gauges that are read off the state of clock, events, parts and stores whenever they are asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from configs.errors import QraftError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

    from agent.road.clock.standing import Standing
    from agent.road.supervision.health import Health
    from storage.events.inbox_state import InboxState


class StateMetrics(Collector):
    """Collects them.

    Parameters
    ----------
    health
        Parts and stores.
    standings
        How studies stand with the clock.
    events
        How events stand; None where nothing keeps them.
    """

    def __init__(
        self,
        health: Health,
        standings: Callable[[], Sequence[Standing]],
        events: Callable[[], InboxState | None] = lambda: None,
    ) -> None:
        self._health = health
        self._standings = standings
        self._events = events

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge; what cannot be read leaves out its own alone."""
        yield from self._of_parts()
        for collect in (self._of_clock, self._of_events):
            try:
                yield from collect()
            except (QraftError, OSError):
                continue

    def _of_parts(self) -> Iterator[Metric]:
        well, body = self._health.alive()
        ready, _ = self._health.ready()
        yield _one("qraft_alive", "Whether every part of the process lives.", float(well))
        yield _one("qraft_ready", "Whether runs can be begun and recorded.", float(ready))
        parts = body["parts"]
        alive = {name: float(not part["trouble"]) for name, part in parts.items()}
        yield _by("qraft_part_alive", "Whether a part lives.", "part", alive)
        silent = {name: part["silent_s"] for name, part in parts.items()}
        yield _by("qraft_part_silent_seconds", "Since its last sign of life.", "part", silent)
        loops = {name: float(part["crash_loop"]) for name, part in parts.items()}
        yield _by("qraft_part_crash_loop", "Whether it fails again and again.", "part", loops)
        restarts = CounterMetricFamily(
            "qraft_part_restarts", "How often a part was begun anew.", labels=["part"]
        )
        for name, part in parts.items():
            restarts.add_metric([name], part["restarts"])
        yield restarts
        stores = {name: float(not said) for name, said in self._health.store_troubles().items()}
        yield _by("qraft_store_reachable", "Whether a store answers.", "store", stores)
        stopped = float(len(body["children"]))
        yield _one("qraft_children_stopped", "Child processes that are stopped.", stopped)

    def _of_clock(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        stands = {one.study: one for one in self._standings()}
        lag = {name: one.lag_s(now) for name, one in stands.items()}
        yield _by("qraft_clock_lag_seconds", "Age of the oldest time that is due.", "study", lag)
        due = {name: float(len(one.due)) for name, one in stands.items()}
        yield _by("qraft_clock_due", "Times that are due and not done.", "study", due)
        pages = {name: one.page for name, one in stands.items() if one.page is not None}
        failures = {n: float(p.trying.attempts if p.trying else 0) for n, p in pages.items()}
        yield _by("qraft_clock_failures", "Failed attempts at what is due.", "study", failures)
        missed = CounterMetricFamily(
            "qraft_clock_missed", "Times whose run never succeeded.", labels=["study"]
        )
        for name, page in pages.items():
            missed.add_metric([name], page.missed_count)
        yield missed
        done = {n: p.success.ended_ts.timestamp() for n, p in pages.items() if p.success}
        yield _by(
            "qraft_clock_last_success_timestamp_seconds", "When a study's last run by the clock "
            "succeeded.", "study", done,
        )  # fmt: skip
        troubled = {name: float(bool(one.note)) for name, one in stands.items()}
        yield _by("qraft_clock_book_troubled", "Whether a book was not to be relied on.", "study",
                  troubled)  # fmt: skip

    def _of_events(self) -> Iterator[Metric]:
        state = self._events()
        if state is None:
            return
        yield _one("qraft_events_waiting", "Events that wait for a run.", state.waiting)
        yield _one("qraft_events_running", "Events whose run is in flight.", state.running)
        dead = {kind: float(count) for kind, count in state.dead.items()}
        yield _by("qraft_events_dead", "Dead letters.", "kind", dead or {"any": 0.0})
        oldest = state.oldest_waiting_s or 0.0
        yield _one("qraft_events_oldest_waiting_seconds", "Age of the oldest that waits.", oldest)
        yield _one("qraft_events_untold", "Events that no bus has confirmed.", state.untold)
        failing = {name: float(count) for name, count in state.failing.items()}
        yield _by("qraft_events_failures", "Runs that failed in a row.", "study", failing)
        yield _by(
            "qraft_events_last_success_timestamp_seconds", "When a study's last run by events "
            "succeeded.", "study", dict(state.last_success),
        )  # fmt: skip
        yield _one("qraft_listeners", "Listeners that live.", state.listeners)
        silent = state.last_round_s if state.last_round_s is not None else float("inf")
        yield _one("qraft_listener_silent_seconds", "Since a listener's last round.", silent)
        yield _one(
            "qraft_bus_connected", "Whether the bus was there.", float(bool(state.connected))
        )

    def describe(self) -> list[Metric]:
        """Return nothing: the names are known when the figures are."""
        return []


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
