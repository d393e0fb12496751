"""Return of each year beside the benchmark's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tasks.report.figures.drawing import (
    BENCHMARK,
    RULE,
    STRATEGY,
    Drawing,
    Key,
    assemble,
    value_axis,
)

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs


def draw_years(inputs: ReportInputs) -> Drawing | None:
    """Draw returns of calendar years as pairs of bars; None for fewer than two years."""
    equity = inputs.equity
    years = inputs.clock.local(equity["ts"]).dt.year().to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], years[1:] != years[:-1]]))
    if len(starts) < 2:
        return None
    labels = years[starts].astype(np.int32)
    returns = {
        name: np.multiply.reduceat(1 + equity[f"{name}_return"].to_numpy(), starts) - 1
        for name in ("net", "benchmark")
    }
    traces = [
        go.Bar(
            x=labels, y=returns[name].astype(np.float32), name=title, hovertemplate="%{y:.1%}",
            marker={"color": colour, "line": {"width": 0}},
        )
        for name, title, colour in (
            ("net", "strategy", STRATEGY), ("benchmark", "benchmark", BENCHMARK),
        )
    ]  # fmt: skip
    better = int((returns["net"] > returns["benchmark"]).sum())
    title = f"Ahead of the benchmark in {better} of {len(labels)} years"
    return Drawing(
        name="years",
        title=title,
        alternative=f"Pairs of bars, one pair a year. {title}.",
        plot=assemble(
            traces,
            inputs.clock,
            xaxis={"type": "linear", "showgrid": False, "linecolor": RULE, "tickformat": "d"},
            barmode="group",
            bargap=0.35,
            bargroupgap=0.05,
            yaxis=value_axis(tickformat=".0%", zeroline=True, zerolinewidth=1.5),
        ),
        height=280,
        source="equity",
        legend=(Key("strategy, after costs", STRATEGY, "bar"), Key("benchmark", BENCHMARK, "bar")),
    )
