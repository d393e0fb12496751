"""Turnover of each stretch of the calendar, and what trading has cost so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from configs.numbers import percent
from tasks.report.figures.drawing import LOSS, STRATEGY, Drawing, Key, assemble, value_axis
from tasks.report.stretches import cut

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs


def draw_trading(inputs: ReportInputs) -> Drawing:
    """Draw turnover as bars and the running sum of costs as a line."""
    equity = inputs.equity
    stretches = cut(equity["ts"], inputs.clock)
    cost = np.cumsum(stretches.total(equity["cost"].to_numpy()))
    turnover = stretches.total(equity["turnover"].to_numpy())
    traces = [
        go.Bar(
            x=stretches.axis, y=turnover.astype(np.float32), name="turnover",
            marker={"color": STRATEGY, "line": {"width": 0}}, hovertemplate="%{y:,.0%}",
        ),
        go.Scatter(
            x=stretches.axis, y=cost.astype(np.float32), name="costs so far", mode="lines",
            line={"color": LOSS, "width": 2}, yaxis="y2", hovertemplate="%{y:.2%}",
        ),
    ]  # fmt: skip
    total = percent(float(cost[-1]))
    return Drawing(
        name="trading",
        title=f"Costs add up to {total} of the account",
        alternative=f"Bars of turnover by {stretches.name}; a line of costs that ends at {total}.",
        plot=assemble(
            traces,
            inputs.clock,
            xaxis_anchor="y2",
            bargap=0.15,
            yaxis=value_axis(domain=[0.46, 1], tickformat=",.0%", title_text="turnover"),
            yaxis2=value_axis(
                domain=[0, 0.38],
                tickformat=".1%",
                title_text="costs so far",
                rangemode="tozero",
                anchor="x",
            ),
        ),
        height=340,
        source="equity",
        legend=(
            Key(f"traded value, each {stretches.name}, in accounts", STRATEGY, "bar"),
            Key("fees and slippage so far, in accounts", LOSS),
        ),
    )
