"""What Prometheus is told of live sources: read from their statuses, whichever process asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.live.status import statuses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from prometheus_client import Metric

    from configs.workspace import Workspace

_GAUGES: Final = {
    "silent_s": ("qraft_stream_silent_seconds", "Since the newest record of a source."),
    "behind_s": ("qraft_stream_lag_seconds", "How far a source's flow is behind its journal."),
    "bytes": ("qraft_stream_journal_bytes", "Of segments that have not left for the lake."),
    "connections": ("qraft_stream_connections", "Lines to a source since its process began."),
    "keep_every": ("qraft_stream_keep_every", "Of values watched, each so-many-th is looked at."),
}
_DROPPED: Final = "dropped "


class StreamMetrics:
    """The figures of a workspace's sources.

    Parameters
    ----------
    workspace
        Whose.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        found = statuses(self._workspace)
        for key, (name, said) in _GAUGES.items():
            gauge = GaugeMetricFamily(name, said, labels=["source"])
            for each in found:
                gauge.add_metric([each["source"]], float(each[key] or 0))
            yield gauge
        up = GaugeMetricFamily(
            "qraft_stream_up",
            "Whether a process of a source is at work.",
            labels=["source", "part"],
        )
        events = CounterMetricFamily(
            "qraft_stream_rows", "Records in, and rows out, by what they are.",
            labels=["source", "what"],
        )  # fmt: skip
        drops = CounterMetricFamily(
            "qraft_stream_dropped", "Messages and events that went no further.",
            labels=["source", "reason"],
        )  # fmt: skip
        marks = GaugeMetricFamily(
            "qraft_stream_watermark_seconds", "Up to which time bars are complete.",
            labels=["source"],
        )  # fmt: skip
        for each in found:
            for part in ("record", "flow"):
                up.add_metric([each["source"], part], float(each[part] == "running"))
            if each["watermark_us"]:
                marks.add_metric([each["source"]], each["watermark_us"] / 1e6)
            for what, count in _counts(each):
                family = drops if what.startswith(_DROPPED) else events
                family.add_metric([each["source"], what.removeprefix(_DROPPED)], count)
        yield from (up, marks, events, drops)


def _counts(status: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for what, count in sorted(status["counts"].items()):
        yield what, float(count)
