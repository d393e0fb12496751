"""A series over time with its patterns marked; below it, when it was held."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from configs.numbers import whole
from tasks.report.figures.drawing import assemble, span, value_axis
from tasks.report.figures.harmless import plot_text, script_json
from tasks.report.figures.marks import draw_marks
from tasks.report.figures.weights import draw_weight
from tasks.report.thinning import LIMIT, keep_extremes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs

    Floats = NDArray[np.float64]

ALL_POINTS = 60_000
MOST_MARKS = 500
MARKET_SERIES = {
    "equal_weight_return": "equal-weight return",
    "breadth": "breadth",
    "dispersion": "dispersion",
    "average_correlation": "average correlation",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One choice of the selector: its label, group, words and plot."""

    label: str
    group: str
    note: str
    plot: dict[str, Any]
    log: bool

    @property
    def json(self) -> str:
        """The plot for a script element."""
        return script_json(self.plot)


def draw_series(inputs: ReportInputs, symbols: Sequence[str]) -> tuple[Series, ...]:
    """Draw the prices of the chosen symbols, and every series of the market."""
    names = [name for name in inputs.market.columns if name != "ts"]
    points = max(min(LIMIT, ALL_POINTS // max(len(symbols) + len(names), 1)), 400)
    prices = [_symbol(inputs, symbol, points) for symbol in symbols]
    if inputs.market.is_empty():
        return tuple(prices)
    return (*prices, *(_market(inputs, name, points) for name in names))


def _symbol(inputs: ReportInputs, symbol: str, points: int) -> Series:
    bars = inputs.bars.filter((pl.col("symbol") == symbol) & pl.col("close").is_not_null())
    found = inputs.patterns.filter(pl.col("symbol") == symbol)
    held = draw_weight(inputs, symbol)
    axes: dict[str, Any] = {"yaxis": value_axis(title_text="adjusted close")}
    if held is not None:
        axes = {
            "xaxis_anchor": "y2",
            "yaxis": value_axis(title_text="adjusted close", domain=[0.26, 1]),
            "yaxis2": value_axis(
                title_text="weight", domain=[0, 0.18], tickformat=".0%", rangemode="tozero",
                nticks=3, anchor="x",
            ),
        }  # fmt: skip
    line, note = _line(inputs, bars, "close", points)
    marks, marked = _marks(inputs, bars, "close", found)
    axes["meta"] = span(bars["close"].to_numpy())
    plot = assemble([line, *marks, *([held] if held else [])], inputs.clock, **axes)
    return Series(symbol, "Symbols", f"{marked}{note}", plot, log=True)


def _market(inputs: ReportInputs, name: str, points: int) -> Series:
    frame = inputs.market.filter(pl.col(name).is_not_null())
    of_market = inputs.patterns.filter(pl.col("symbol").is_null())
    found = of_market.filter(_watches(of_market["source"], name))
    line, note = _line(inputs, frame, name, points)
    marks, marked = _marks(inputs, frame, name, found)
    label = MARKET_SERIES.get(name, name)
    axis = value_axis(title_text=plot_text(label, 40))
    plot = assemble([line, *marks], inputs.clock, yaxis=axis)
    return Series(label, "Market", f"{marked}{note}", plot, log=False)


def _watches(source: pl.Series, name: str) -> pl.Series:
    """Say which sources name a series as a field."""
    field = re.compile(rf"\${re.escape(name)}(?![A-Za-z0-9_])")
    named = [bool(field.search(text or "")) for text in source]
    return pl.Series(named, dtype=pl.Boolean)


def _line(inputs: ReportInputs, frame: pl.DataFrame, name: str, points: int) -> tuple[Any, str]:
    values = frame[name].fill_null(np.nan).to_numpy()
    kept = keep_extremes(values, points)
    line = go.Scatter(
        x=inputs.clock.axis(frame["ts"])[kept],
        y=values[kept].astype(np.float32),
        name=MARKET_SERIES.get(name, name),
        mode="lines",
        line={"color": "var(--ink-2)", "width": 1.25},
        hovertemplate="%{y:.4~g}",
    )
    thinned = f" {whole(len(values))} points drawn by {whole(len(kept))}, extremes kept."
    return line, thinned if len(kept) < len(values) else ""


def _marks(
    inputs: ReportInputs, frame: pl.DataFrame, name: str, found: pl.DataFrame
) -> tuple[list[Any], str]:
    """Mark the patterns where the series stood, and say how many there are."""
    if frame.is_empty():
        return [], "It has no values."
    if found.is_empty():
        return [], "No pattern was found here."
    strongest = found.sort("confidence", "ts", "pattern_id", descending=[True, False, False])
    shown = strongest.head(MOST_MARKS).sort("ts", "pattern_id")
    values = shown.join(
        frame.select("ts", pl.col(name).alias("height")).unique("ts", maintain_order=True),
        on="ts", how="left", maintain_order="left",
    )["height"].fill_null(np.nan).to_numpy()  # fmt: skip
    count = whole(len(found))
    text = f"{count} pattern{'' if len(found) == 1 else 's'}"
    if len(shown) < len(found):
        text += f", the {whole(len(shown))} of highest confidence marked"
    return draw_marks(shown, values, inputs.clock), f"{text}."
