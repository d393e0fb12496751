"""The accounts of several runs in one plot, in one HTML file that needs nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from configs.figures import label, say_figure
from tasks.report.figures.harmless import plot_text
from tasks.report.plot_page import line_colour, render_plot
from tasks.runs.comparison.table import compare_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.runs.comparison.table import Compared

MOST_POINTS = 4_000
"""Points of one line; more than a screen shows."""
ONE_TWO_FIVE = "D2"
"""Which steps of a decade have a label."""
MARGIN_PX = {"t": 36, "b": 40, "l": 60, "r": 16}


def draw(runs: Sequence[Compared]) -> str:
    """Draw the growth of one unit of money in each run, after costs, over the falls of each.

    Every run begins with 1 at its own first bar; where they begin at different times, the plot
    says so by where the lines begin.

    Returns
    -------
    str
        HTML with styles, scripts and data inside; it fetches nothing. Equal input, equal text.
    """
    title = " and ".join(run.label for run in runs)
    rows = [
        [
            label(row["name"]),
            *(say_figure(row["name"], row[run.label], row["unit"]) for run in runs),
        ]
        for row in compare_figures(runs, None)
    ]
    return render_plot(
        "tasks.runs.comparison",
        _figure(runs),
        ["figure", *(run.label for run in runs)],
        rows,
        title=title,
        label=f"Growth and drawdown of {title}",
        runs=[(run.label, run.run_id) for run in runs],
    )


def _figure(runs: Sequence[Compared]) -> dict[str, Any]:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3],
                           vertical_spacing=0.05)  # fmt: skip
    for run in runs:
        line = {"width": 1.5}
        name = plot_text(run.label, 60)
        ts, growth, fall = _lines(run.equity)
        figure.add_trace(
            go.Scatter(x=ts, y=growth, name=name, line=line, legendgroup=name), row=1, col=1
        )
        figure.add_trace(
            go.Scatter(x=ts, y=fall, name=name, line=line, legendgroup=name, showlegend=False),
            row=2, col=1,
        )  # fmt: skip
    figure.update_layout(
        height=620, hovermode="x unified", legend={"orientation": "h"}, margin=MARGIN_PX
    )
    figure.update_yaxes(
        title_text="growth of 1, after costs", type="log", dtick=ONE_TWO_FIVE, tickformat="~g",
        row=1, col=1,
    )  # fmt: skip
    figure.update_yaxes(title_text="drawdown", tickformat=".0%", row=2, col=1)
    content: dict[str, Any] = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    for number, trace in enumerate(content["data"]):
        # Each run has two lines; plotly's own check of colours knows no names of style sheets.
        trace["line"]["color"] = line_colour(number // 2)
    return content


def _lines(equity: pl.DataFrame) -> tuple[list[str], list[float], list[float]]:
    """Return times, growth and falls; of many bars every n-th, and the last."""
    growth = (1 + equity["net_return"]).cum_prod()
    step = max(-(-len(equity) // MOST_POINTS), 1)
    kept = np.unique(np.append(np.arange(0, len(equity), step), len(equity) - 1))
    at = pl.Series(kept)
    return (
        equity["ts"].gather(at).dt.strftime("%Y-%m-%d %H:%M").to_list(),
        growth.gather(at).round(6).to_list(),
        equity["drawdown"].gather(at).round(6).to_list(),
    )
