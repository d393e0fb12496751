"""The information coefficient: over time, on average, and added up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from configs.numbers import plain, whole
from tasks.report.figures.drawing import (
    BENCHMARK,
    LOSS,
    RULE,
    STRATEGY,
    Drawing,
    Key,
    assemble,
    thinned_note,
    value_axis,
)
from tasks.report.stretches import cut
from tasks.report.thinning import LIMIT, keep_extremes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs
    from tasks.report.stretches import Stretches

    Floats = NDArray[np.float64]

COEFFICIENTS = (("rank_ic", "rank IC", STRATEGY), ("ic", "IC", BENCHMARK))
ZERO = {"zeroline": True, "zerolinecolor": RULE, "zerolinewidth": 1.5}


def draw_correlation(inputs: ReportInputs) -> Drawing | None:
    """Draw the rank IC as bars with its rolling mean, and both coefficients added up.

    Returns
    -------
    Drawing or None
        None where there is no coefficient at all.

    Notes
    -----
    Look-ahead: labels reach ahead of the scores they are correlated with.
    """
    ic = inputs.ic.filter(pl.col("rank_ic").is_finite())
    if ic.is_empty():
        return None
    stretches = cut(ic["ts"], inputs.clock)
    window = min(round(inputs.year.bars), max(len(ic) // 4, 1))
    time = inputs.clock.axis(ic["ts"])
    mean = plain(float(ic["rank_ic"].to_numpy().mean()), 2)
    return Drawing(
        name="correlation",
        title=f"The rank IC averages {mean}",
        alternative=(
            f"Bars of the mean rank IC by {stretches.name} with a rolling mean of "
            f"{window:,} decisions; below, both coefficients added up. Their mean is {mean}."
        ),
        plot=assemble(
            [_bars(ic, stretches), _rolling(ic, time, window), *_sums(ic, time)],
            inputs.clock,
            xaxis_anchor="y2",
            bargap=0.1,
            yaxis=value_axis(domain=[0.46, 1], title_text="rank IC", **ZERO),
            yaxis2=value_axis(domain=[0, 0.38], title_text="added up", anchor="x", **ZERO),
        ),
        height=420,
        source="ic",
        legend=(
            Key(f"rank IC, mean of each {stretches.name}", "var(--strategy-mid)", "bar"),
            Key(f"rank IC, mean of the last {whole(window)} decisions", LOSS),
            Key("rank IC, added up", STRATEGY),
            Key("IC, added up", BENCHMARK),
        ),
        notes=(thinned_note(LIMIT, len(ic)),) if len(ic) > LIMIT else (),
    )


def _bars(ic: pl.DataFrame, stretches: Stretches) -> Any:
    return go.Bar(
        x=stretches.axis,
        y=stretches.mean(ic["rank_ic"].to_numpy()).astype(np.float32),
        name=f"mean of the {stretches.name}",
        marker={"color": "var(--strategy-mid)", "line": {"width": 0}},
        hovertemplate="%{y:.3f}",
    )


def _rolling(ic: pl.DataFrame, time: Floats, window: int) -> Any:
    mean = ic["rank_ic"].rolling_mean(window).fill_null(math.nan).to_numpy()
    kept = keep_extremes(mean)
    return go.Scatter(
        x=time[kept],
        y=mean[kept].astype(np.float32),
        mode="lines",
        name=f"mean of {window:,} decisions",
        line={"color": LOSS, "width": 2},
        hovertemplate="%{y:.3f}",
    )


def _sums(ic: pl.DataFrame, time: Floats) -> Iterator[Any]:
    for column, name, colour in COEFFICIENTS:
        total = np.cumsum(ic[column].fill_null(0.0).fill_nan(0.0).to_numpy())
        kept = keep_extremes(total)
        yield go.Scatter(
            x=time[kept],
            y=total[kept].astype(np.float32),
            mode="lines",
            yaxis="y2",
            name=f"{name}, added up",
            line={"color": colour, "width": 1.75},
            hovertemplate="%{y:.1f}",
        )
