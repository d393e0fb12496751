"""The account against the benchmark, and below it how far each stood under its peak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from configs.numbers import percent, ratio
from tasks.report.figures.drawing import (
    BENCHMARK,
    LOSS,
    STRATEGY,
    Drawing,
    Key,
    assemble,
    span,
    thinned_note,
    value_axis,
)
from tasks.report.thinning import LIMIT, keep_extremes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs
    from tasks.report.verdict.evidence import Evidence

    Floats = NDArray[np.float64]


def draw_equity(inputs: ReportInputs, evidence: Evidence) -> Drawing:
    """Draw the growth of one unit of money and the falls from its peak."""
    equity = inputs.equity
    time = inputs.clock.axis(equity["ts"])
    wealth = {
        name: np.cumprod(1 + equity[f"{name}_return"].to_numpy())
        for name in ("benchmark", "gross", "net")
    }
    traces = [
        _line(time, wealth["benchmark"], "benchmark", BENCHMARK, width=1.5),
        _line(time, wealth["gross"], "before costs", STRATEGY, width=1, dash="dot"),
        _line(time, wealth["net"], "strategy", STRATEGY, width=2),
        _line(
            time, _under_water(wealth["net"]), "strategy", LOSS, width=1, low=True,
            fill="tozeroy", fillcolor="var(--loss-soft)",
        ),
        _line(time, _under_water(wealth["benchmark"]), "benchmark", BENCHMARK, width=1, low=True),
    ]  # fmt: skip
    plot = assemble(
        traces,
        inputs.clock,
        meta=span(wealth["net"]),
        xaxis_anchor="y2",
        yaxis=value_axis(domain=[0.36, 1], title_text="growth of 1"),
        yaxis2=value_axis(domain=[0, 0.3], tickformat=".0%", title_text="below peak", anchor="x"),
    )
    net, other = evidence.multiple, evidence.benchmark_multiple
    return Drawing(
        name="equity",
        title=f"1 became {ratio(net)}; in the benchmark, {ratio(other)}",
        alternative=(
            f"Lines of the account and the benchmark. One unit of money became {ratio(net)} after "
            f"costs and {ratio(other)} in the benchmark. Deepest falls: "
            f"{percent(evidence.fall.depth)} and {percent(evidence.benchmark_fall.depth)}."
        ),
        plot=plot,
        height=520,
        source="equity",
        legend=(
            Key("strategy, after costs", STRATEGY),
            Key("before costs", STRATEGY, "dotted"),
            Key("benchmark", BENCHMARK),
            Key("below its peak", LOSS, "area"),
        ),
        notes=(thinned_note(LIMIT, len(equity)),) if len(equity) > LIMIT else (),
        log_axis="yaxis",
    )


def _under_water(wealth: Floats) -> Floats:
    """Return how far a wealth stands below its peak, the start of 1 included."""
    return wealth / np.maximum(np.maximum.accumulate(wealth), 1.0) - 1


def _line(
    time: Floats, values: Floats, name: str, colour: str, *, width: float, low: bool = False,
    dash: str = "solid", **style: Any,
) -> Any:  # fmt: skip
    kept = keep_extremes(values)
    return go.Scatter(
        x=time[kept],
        y=values[kept].astype(np.float32),
        name=name,
        mode="lines",
        line={"color": colour, "width": width, "dash": dash},
        yaxis="y2" if low else "y",
        hovertemplate="%{y:.1%}" if low else "%{y:.3f}",
        **style,
    )
