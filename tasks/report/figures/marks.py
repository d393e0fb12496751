"""Patterns as marks: one shape and one colour for each type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from configs.numbers import percent, whole
from tasks.report.figures.drawing import Key, Mark
from tasks.report.figures.harmless import plot_text

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from tasks.report.clock import Clock


class Style(NamedTuple):
    """How a type of pattern looks, and what it is called."""

    label: str
    plural: str
    colour: str
    mark: Mark
    symbol: str


STYLES = {
    "drift": Style("drift", "drifts", "var(--drift)", "diamond", "diamond"),
    "anomaly": Style("anomaly", "anomalies", "var(--anomaly)", "cross", "x"),
    "cluster_change": Style(
        "change of cluster", "changes of cluster", "var(--cluster)", "square", "square"
    ),
}
OTHER = Style("pattern", "patterns of another kind", "var(--ink-2)", "square", "square-open")


def legend_of(patterns: pl.DataFrame) -> tuple[Key, ...]:
    """Return the entries of the legend for the types that occur."""
    styles = (STYLES.get(name, OTHER) for name in patterns["type"].unique().sort())
    return tuple(Key(style.label, style.colour, style.mark) for style in dict.fromkeys(styles))


def count_by_type(patterns: pl.DataFrame) -> str:
    """Say how many patterns there are of each type, the most frequent first."""
    counts = patterns["type"].value_counts().sort("count", "type", descending=[True, False])
    said = []
    for name, count in counts.iter_rows():
        style = STYLES.get(name, OTHER)
        said.append(f"{whole(count)} {style.label if count == 1 else style.plural}")
    return ", ".join(said)


def draw_marks(
    patterns: pl.DataFrame, height: NDArray[np.float64] | list[str], clock: Clock
) -> list[Any]:
    """Return a trace of marks for each type of pattern.

    Parameters
    ----------
    patterns
        Not thinned; sorted by time.
    height
        Where each mark stands on the vertical axis: a number, or the name of a lane.
    """
    place = np.asarray(height)
    traces = []
    for name in patterns["type"].unique().sort():
        rows = np.flatnonzero((patterns["type"] == name).to_numpy())
        style = STYLES.get(name, OTHER)
        these = patterns[rows]
        traces.append(
            go.Scatter(
                x=clock.axis(these["ts"]),
                y=place[rows].tolist() if place.dtype.kind == "U" else place[rows],
                mode="markers",
                name=style.label,
                text=[_say(row) for row in these.iter_rows(named=True)],
                hovertemplate="%{x}<br>%{text}<extra></extra>",
                marker={
                    "symbol": style.symbol,
                    "color": style.colour,
                    "size": 9,
                    "line": {"color": "var(--card)", "width": 1},
                },
            )
        )
    return traces


def _say(pattern: dict[str, Any]) -> str:
    style = STYLES.get(pattern["type"], OTHER)
    return (
        f"{style.label} in {plot_text(pattern['source'] or '', 60)}"
        f"<br>confidence {percent(pattern['confidence'])}"
    )
