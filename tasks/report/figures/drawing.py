"""What every plot of the page has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import plotly.graph_objects as go

from tasks.report.figures.harmless import script_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tasks.report.clock import Clock

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

INK = "var(--ink-2)"
GRID = "var(--grid)"
RULE = "var(--rule)"
STRATEGY = "var(--strategy)"
BENCHMARK = "var(--benchmark)"
LOSS = "var(--loss)"
"""Colours are names of the style sheet's; the page resolves them, for light and dark paper."""

Mark = Literal["line", "dotted", "area", "bar", "diamond", "cross", "square"]


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend."""

    label: str
    colour: str
    mark: Mark = "line"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot and the words around it.

    Attributes
    ----------
    name
        Names its place on the page; the same in every report.
    title
        What it shows, as a finding where there is one.
    alternative
        The same for those who do not see it.
    plot
        ``data`` and ``layout`` for plotly.js.
    height
        In pixels.
    legend
        Drawn beside the title, in words that wrap.
    notes
        What was left out, averaged or thinned.
    source
        The name of the input it was drawn from; see :mod:`tasks.report.provenance`.
    log_axis
        The axis that a button turns to a logarithmic scale, if any.
    """

    name: str
    title: str
    alternative: str
    plot: dict[str, Any]
    height: int
    source: str
    legend: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    log_axis: str | None = None

    @property
    def json(self) -> str:
        """The plot for a script element: nothing in it can end that element."""
        return script_json(self.plot)


def assemble(traces: Sequence[Any], clock: Clock, **layout: Any) -> dict[str, Any]:
    """Return ``data`` and ``layout`` of a plot in the house style; plotly checks every key.

    Parameters
    ----------
    traces
        Of plotly.graph_objects.
    clock
        How times on the horizontal axis are shown.
    layout
        What differs from the house style, in plotly's magic underscores.
    """
    figure = go.Figure(
        data=list(traces),
        layout={
            "template": "none",
            "font": {"family": FONT, "size": 12, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 56, "r": 10, "t": 8, "b": 42},
            "showlegend": False,
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": "var(--card)",
                "bordercolor": RULE,
                "font": {"family": FONT, "size": 12, "color": "var(--ink)"},
            },
            "dragmode": "zoom",
            "xaxis": {
                "type": "date",
                "showgrid": False,
                "zeroline": False,
                "linecolor": RULE,
                "tickcolor": RULE,
                "ticks": "outside",
                "hoverformat": clock.hover_format,
            },
            "yaxis": value_axis(),
        },
    )
    figure.update_layout(**layout)
    content: dict[str, Any] = figure.to_plotly_json()
    content["layout"].pop("template")
    return {"data": content["data"], "layout": content["layout"]}


def value_axis(**changes: Any) -> dict[str, Any]:
    """Return a vertical axis in the house style."""
    style = {
        "gridcolor": GRID,
        "zeroline": False,
        "zerolinecolor": RULE,
        "automargin": True,
        "title": {"standoff": 8},
    }
    return {**style, **changes}


def span(values: NDArray[np.float64]) -> dict[str, float]:
    """Say how many times the highest of positive values is the lowest: it decides on log ticks."""
    positive = values[values > 0]
    return {"span": round(float(positive.max() / positive.min()), 3) if len(positive) else 1.0}


def thinned_note(kept: int, total: int) -> str:
    """Say that a line was thinned."""
    return (
        f"{total:,} points are drawn by {kept:,}: the first, lowest, highest and last of each "
        "stretch, so that no extreme is lost."
    )
