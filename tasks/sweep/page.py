"""The page of a sweep: a heat map and the best points, in one HTML file that needs nothing else."""

from __future__ import annotations

import json
import math
from statistics import NormalDist, median, stdev
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from configs.figures import label, say, unit_of
from tasks.report.figures.harmless import plot_text
from tasks.report.plot_page import render_plot
from tasks.sweep.table import NEIGHBOURS, best_first, say_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from tasks.dag.plan import RunPlan
    from tasks.sweep.grid import Grid

LISTED = 20
BESIDE = ("annual_return", "sharpe", "max_drawdown", "annual_turnover", "ic_mean")
"""Figures beside the one that ranks."""
EULER = 0.5772156649015329


def draw(table: pl.DataFrame, grid: Grid, by: str, plan: RunPlan) -> str:
    """Draw a sweep.

    Parameters
    ----------
    table
        A row a point with its neighbours, in the order of the grid.
    by
        The figure that is drawn and ranked by.
    plan
        Of any of its points.

    Returns
    -------
    str
        HTML with styles, scripts and data inside; it fetches nothing. Equal input, equal text.
    """
    figure, title = _figure(table, grid, by)
    known = table[by].drop_nulls().to_list()
    return render_plot(
        "tasks.sweep",
        figure,
        _headings(grid, by),
        _rows(table, grid, by),
        title=f"{plan.spec.name}: {table.height} variants",
        label=title,
        description=plan.spec.description,
        data=plan.data_digest[:12],
        points=table.height,
        by=label(by),
        luck=say(luck(known), unit_of(by)),
        refused=table.filter(table["refusal"] != "").height,
        left_out=grid.left_out,
        reason=grid.reason,
    )


def luck(values: Sequence[float]) -> float:
    """Return how far the best of so many unskilled trials is expected above their mean.

    References
    ----------
    Bailey, Lopez de Prado (2014), "The Deflated Sharpe Ratio", Journal of Portfolio Management
    40(5), equation 1; trials taken as independent, which for neighbours of a grid is too many.

    Examples
    --------
    >>> round(luck([0.0, 1.0] * 50), 2)
    1.27
    """
    trials = len(values)
    if trials < 2:
        return 0.0
    normal = NormalDist().inv_cdf
    most = (1 - EULER) * normal(1 - 1 / trials) + EULER * normal(1 - 1 / (trials * math.e))
    return stdev(values) * most


def _figure(table: pl.DataFrame, grid: Grid, by: str) -> tuple[dict[str, Any], str]:
    """Draw two axes as a map, or one as a line; over the others, the median."""
    longest = sorted(range(len(grid.axes)), key=lambda n: (-len(grid.axes[n].texts), n))[:2]
    name = label(by)
    if len(longest) == 1:
        axis = grid.axes[longest[0]]
        cells = _cells(table, grid, by, [longest[0]])
        trace: Any = go.Scatter(
            x=_labels(axis.texts), y=[cells.get((n,)) for n in range(len(axis.texts))],
            mode="lines+markers",
        )  # fmt: skip
        layout = {"xaxis": _axis(axis.name), "yaxis": {"title": {"text": plot_text(name)}}}
        title = f"{name} by {axis.name}"
    else:
        across, down = (grid.axes[n] for n in longest)
        cells = _cells(table, grid, by, longest)
        trace = go.Heatmap(
            x=_labels(across.texts),
            y=_labels(down.texts),
            z=[[cells.get((x, y)) for x in range(len(across.texts))]
               for y in range(len(down.texts))],
            zmid=0, hoverongaps=False,
            colorbar={"title": {"text": plot_text(name)}},
        )  # fmt: skip
        layout = {"xaxis": _axis(across.name), "yaxis": _axis(down.name)}
        others = ", the median over the other keys" if len(grid.axes) > 2 else ""
        title = f"{name} by {across.name} and {down.name}{others}"
    figure = go.Figure(trace, {**layout, "template": "none", "height": 460, "margin": MARGIN_PX})
    content: dict[str, Any] = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    _paint(content["data"][0])
    _mark_percent(content, by, flat=len(longest) == 1)
    return content, title


MARGIN_PX = {"t": 20, "b": 56, "l": 64, "r": 20}
SCALE = [[0, "var(--low)"], [0.5, "var(--middle)"], [1, "var(--high)"]]


def _paint(trace: dict[str, Any]) -> None:
    """Colour as the style sheet does; plotly's own check of colours knows no such names."""
    if trace["type"] == "heatmap":
        trace["colorscale"] = SCALE
    else:
        trace["line"] = {"color": "var(--line-0)"}
        trace["marker"] = {"color": "var(--line-0)"}


def _mark_percent(content: dict[str, Any], by: str, *, flat: bool) -> None:
    """Write shares of the account in percent along the scale."""
    if unit_of(by) not in {"fraction", "a year"}:
        return
    trace, layout = content["data"][0], content["layout"]
    (layout["yaxis"] if flat else trace["colorbar"])["tickformat"] = ".0%"


def _axis(name: str) -> dict[str, Any]:
    return {"title": {"text": plot_text(name)}, "type": "category", "automargin": True}


def _labels(texts: Sequence[str]) -> list[str]:
    """Return the values as the plot names them; equal beginnings are told apart by a number."""
    labels = [plot_text(text, 40) for text in texts]
    return [
        label if labels.count(label) == 1 else f"{label} ({place})"
        for place, label in enumerate(labels, 1)
    ]


def _cells(
    table: pl.DataFrame, grid: Grid, by: str, axes: Sequence[int]
) -> dict[tuple[int, ...], float]:
    values: dict[tuple[int, ...], list[float]] = {}
    for point, value in zip(grid.points, table[by].to_list(), strict=True):
        if value is not None:
            values.setdefault(tuple(point.places[n] for n in axes), []).append(value)
    return {place: median(found) for place, found in values.items()}


def _columns(by: str) -> list[str]:
    return [by, *NEIGHBOURS, *(name for name in BESIDE if name != by)]


def _headings(grid: Grid, by: str) -> list[str]:
    return [*(axis.name for axis in grid.axes), *map(label, _columns(by)), "Run"]


def _rows(table: pl.DataFrame, grid: Grid, by: str) -> list[list[str]]:
    return [
        [
            *(json.loads(row["changed"])[axis.name] for axis in grid.axes),
            *(say_point(name, row.get(name), by) for name in _columns(by)),
            row["run_id"],
        ]
        for row in best_first(table, by).head(LISTED).to_dicts()
    ]
