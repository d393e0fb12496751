"""When patterns occurred: a lane for each symbol and one for the market."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.numbers import whole
from tasks.report.figures.drawing import Drawing, assemble
from tasks.report.figures.harmless import plot_text
from tasks.report.figures.marks import count_by_type, draw_marks, legend_of

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs

MOST_MARKS = 3_000
MARKET = "market"


def draw_occurrences(inputs: ReportInputs, symbols: tuple[str, ...]) -> Drawing | None:
    """Draw a mark for each pattern of the chosen symbols and of the market.

    Returns
    -------
    Drawing or None
        None where there are none.
    """
    patterns = inputs.patterns
    shown = patterns.filter(pl.col("symbol").is_null() | pl.col("symbol").is_in(list(symbols)))
    total = len(shown)
    if total == 0:
        return None
    strongest = shown.sort("confidence", "ts", "pattern_id", descending=[True, False, False])
    shown = strongest.head(MOST_MARKS).sort("ts", "pattern_id")
    lanes = [MARKET, *(plot_text(symbol, 16) for symbol in symbols)]
    place = [MARKET if s is None else plot_text(s, 16) for s in shown["symbol"]]
    notes = []
    if len(patterns) > total:
        notes.append(f"{whole(len(patterns) - total)} patterns of symbols not drawn here.")
    if total > len(shown):
        notes.append(f"The {whole(len(shown))} of highest confidence of {whole(total)}.")
    first, last = inputs.clock.axis(inputs.bars["ts"].sort())[[0, -1]].tolist()
    edge = (last - first) / 80
    title = f"Found: {count_by_type(patterns)}"
    return Drawing(
        name="occurrences",
        title=title,
        alternative=f"Marks in a lane for each symbol, over time. {title}.",
        plot=assemble(
            draw_marks(shown, place, inputs.clock),
            inputs.clock,
            hovermode="closest",
            xaxis_range=[first - edge, last + edge],
            xaxis_showgrid=True,
            xaxis_gridcolor="var(--grid)",
            yaxis={
                "type": "category",
                "categoryorder": "array",
                "categoryarray": lanes[::-1],
                "range": [-0.6, len(lanes) - 0.4],
                "gridcolor": "var(--grid)",
                "automargin": True,
            },
        ),
        height=70 + 26 * len(lanes),
        source="patterns",
        legend=legend_of(shown),
        notes=tuple(notes),
    )
