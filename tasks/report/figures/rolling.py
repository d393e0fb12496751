"""The Sharpe ratio of the past year, bar by bar, within its standard error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from configs.numbers import percent, whole
from tasks.report.figures.drawing import RULE, STRATEGY, Drawing, Key, assemble, value_axis
from tasks.report.thinning import keep_extremes

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs

    Floats = NDArray[np.float64]

LEAST_BARS = 40


def draw_rolling_sharpe(inputs: ReportInputs) -> Drawing | None:
    """Draw the Sharpe ratio of the last year, or of a quarter of a shorter period.

    Returns
    -------
    Drawing or None
        None where the period is too short, or the account never moves.

    Notes
    -----
    Look-ahead: a point depends on the bars of its window, up to its own.
    """
    returns = inputs.equity["net_return"]
    year = inputs.year.bars
    window = min(round(year), len(returns) // 4)
    if window < LEAST_BARS:
        return None
    value, error = rolling_sharpe(returns, window, year)
    known = np.flatnonzero(np.isfinite(value))
    if not len(known):
        return None
    kept = known[keep_extremes(value[known])]
    time = inputs.clock.axis(inputs.equity["ts"])[kept]
    value, error = value[kept].astype(np.float32), error[kept].astype(np.float32)
    edge = {"x": time, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    traces = [
        go.Scatter(y=value - error, **edge),
        go.Scatter(y=value + error, fill="tonexty", fillcolor="var(--strategy-soft)", **edge),
        go.Scatter(
            x=time, y=value, name="Sharpe ratio", mode="lines", hovertemplate="%{y:.2f}",
            line={"color": STRATEGY, "width": 1.75},
        ),
    ]  # fmt: skip
    below = percent(float(np.mean(value < 0)), 0)
    title = f"The Sharpe ratio of the last {whole(window)} bars was below zero {below} of the time"
    axis = value_axis(zeroline=True, zerolinecolor=RULE, zerolinewidth=1.5)
    return Drawing(
        name="rolling-sharpe",
        title=title,
        alternative=f"A line with its band of error. {title}.",
        plot=assemble(traces, inputs.clock, yaxis=axis),
        height=260,
        source="equity",
        legend=(
            Key(f"Sharpe ratio of the last {whole(window)} bars, a year", STRATEGY),
            Key("± one standard error", "var(--strategy-soft)", "area"),
        ),
    )


def rolling_sharpe(returns: pl.Series, window: int, year: float) -> tuple[Floats, Floats]:
    """Return the yearly Sharpe ratio of each window and its standard error.

    References
    ----------
    Lo (2002), "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4), equation 9.
    """
    spread = returns.rolling_std(window).fill_null(math.nan).to_numpy()
    mean = returns.rolling_mean(window).fill_null(math.nan).to_numpy()
    bar = np.divide(mean, spread, out=np.full(len(mean), np.nan), where=spread > 1e-12)
    return bar * math.sqrt(year), np.sqrt((1 + bar**2 / 2) / window * year)
