"""When a symbol was held, and at which weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from tasks.report.figures.drawing import STRATEGY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs

    Floats = NDArray[np.float64]


def draw_weight(inputs: ReportInputs, symbol: str) -> Any | None:
    """Return the weight as an area, with a point only where it changes visibly."""
    mine = inputs.positions.filter(pl.col("symbol") == symbol)
    if mine.is_empty():
        return None
    weights = inputs.equity.select("ts").join(
        mine.select("ts", "weight"), on="ts", how="left", maintain_order="left"
    )
    values = weights["weight"].fill_null(0.0).to_numpy()
    return go.Scatter(
        x=inputs.clock.axis(weights["ts"])[(kept := _steps(values))],
        y=values[kept].astype(np.float32),
        name="weight",
        mode="lines",
        line={"color": STRATEGY, "width": 1, "shape": "hv"},
        fill="tozeroy",
        fillcolor="var(--strategy-soft)",
        yaxis="y2",
        hovertemplate="%{y:.0%}",
    )


def _steps(values: Floats) -> NDArray[np.int64]:
    """Return the places where a weight, rounded to two percent, changes."""
    coarse = np.round(values * 50)
    moved = np.concatenate([[True], coarse[1:] != coarse[:-1]])
    moved[-1] = True
    return np.flatnonzero(moved)
