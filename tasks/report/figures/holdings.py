"""What was held: the weight of each symbol over time, stacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from configs.numbers import percent, plain
from tasks.report.figures.drawing import Drawing, Key, assemble, value_axis
from tasks.report.figures.harmless import plot_text

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs

    Floats = NDArray[np.float64]

MOST_SYMBOLS = 7
MOST_POINTS = 1_200
OTHERS = "var(--stack-rest)"


def draw_holdings(inputs: ReportInputs) -> Drawing | None:
    """Draw the weights of the most held symbols, and of all others together.

    Returns
    -------
    Drawing or None
        None where nothing was held.
    """
    if inputs.positions.is_empty() or inputs.equity.is_empty():
        return None
    names, weights = _weights(inputs.positions, inputs.equity["ts"])
    order = sorted(range(len(names)), key=lambda n: (-float(weights[:, n].mean()), names[n]))
    shown, rest = order[:MOST_SYMBOLS], order[MOST_SYMBOLS:]
    layers = [(names[n], f"var(--stack-{rank})", weights[:, n]) for rank, n in enumerate(shown)]
    if rest:
        layers.append((f"{len(rest)} others", OTHERS, weights[:, rest].sum(axis=1)))
    step = -(-len(weights) // MOST_POINTS)
    time = inputs.clock.axis(inputs.equity["ts"])[::step]
    traces = [_layer(time, _averaged(w, step), name, colour) for name, colour, w in layers]
    invested = percent(float(weights.sum(axis=1).mean()), 0)
    held = plain(float(inputs.equity["holdings"].to_numpy().mean()), 3)
    title = f"On average {invested} invested and {held} symbols held"
    notes = (f"Drawn as averages of {step} bars.",) if step > 1 else ()
    return Drawing(
        name="holdings",
        title=title,
        alternative=f"Stacked areas of weights. {title}. Most held: {layers[0][0]}.",
        plot=assemble(
            traces,
            inputs.clock,
            yaxis=value_axis(tickformat=".0%", rangemode="tozero", title_text="of the account"),
        ),
        height=300,
        source="positions",
        legend=tuple(Key(name, colour, "area") for name, colour, _ in layers),
        notes=(*notes, "What is missing to 100 % is cash."),
    )


def _weights(positions: pl.DataFrame, ts: pl.Series) -> tuple[list[str], Floats]:
    """Spread weights over bars (rows) and symbols (columns); zero where nothing is held."""
    names: list[str] = positions["symbol"].unique().sort().to_list()
    columns = {name: column for column, name in enumerate(names)}
    weights = np.zeros((len(ts), len(names)))
    rows = np.searchsorted(ts.to_physical().to_numpy(), positions["ts"].to_physical().to_numpy())
    inside = rows < len(ts)
    at = np.array([columns[name] for name in positions["symbol"]])
    weights[rows[inside], at[inside]] = positions["weight"].fill_null(0.0).to_numpy()[inside]
    return names, weights


def _averaged(values: Floats, step: int) -> Floats:
    starts = np.arange(0, len(values), step)
    sizes = np.diff(np.append(starts, len(values)))
    return np.add.reduceat(values, starts) / sizes


def _layer(time: Floats, weights: Floats, name: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=time, y=weights.astype(np.float32), name=plot_text(name, 40), mode="lines",
        stackgroup="weights", line={"width": 0, "shape": "hv"}, fillcolor=colour,
        hovertemplate="%{y:.1%}",
    )  # fmt: skip
