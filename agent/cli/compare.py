"""`qraft runs compare`: runs side by side, as a table and as an overlay plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.run import relative
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.cli.recorded import Row
    from tasks.runs.comparison.table import Compared

FIGURES = (
    "annual_return", "benchmark_annual_return", "annual_volatility", "sharpe",
    "sharpe_standard_error", "sortino", "max_drawdown", "max_drawdown_days", "calmar",
    "annual_turnover", "annual_cost", "exposure", "ic_mean", "ic_t", "capacity",
)  # fmt: skip
"""The figures that are shown without being asked for."""
MOST = 8


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="All figures.")
@click.option("--open", "open_page", is_flag=True, help="Open the plot.")
@output.as_json
@click.pass_obj
def compare(
    context: Context, runs: tuple[str, ...], *, everything: bool, open_page: bool, as_json: bool
) -> None:
    """Compare RUNS, by figures and a plot.

    Two to eight of them: `last`, the beginnings of ids, or studies' names.

    Example: qraft runs compare us_momentum us_reversal
    """
    from tasks.runs.comparison.page import draw
    from tasks.runs.comparison.table import compare_figures
    from tasks.scheduler.page_link import write_once

    compared = [_compared(context, row, label) for row, label in _chosen(context, runs)]
    page = write_once(
        context.workspace.reports / f"compare-{'-'.join(run.run_id[:6] for run in compared)}.html",
        draw(compared).encode(),
    )
    rows = compare_figures(compared, None if everything else FIGURES)
    value: dict[str, Any] = {
        "runs": [
            {"label": run.label, "run_id": run.run_id, "study": run.study} for run in compared
        ],
        "figures": rows,
        "page": str(page),
    }

    def show() -> None:
        names = [run.label for run in compared]
        written = [
            {
                "figure": row["name"],
                **{n: say_figure(row["name"], row[n], row["unit"]) for n in names},
            }
            for row in rows
        ]
        output.print_rows(written, ["figure", *names], empty="no figures")
        click.echo(f"plot: {relative(page)}")
        if not everything:
            output.talk("--all shows every figure")

    output.write(as_json, value, show)
    if open_page:
        click.launch(str(page))


def _chosen(context: Context, wanted: tuple[str, ...]) -> list[tuple[Row, str]]:
    """Return the rows of the runs that are meant, each once, and what to call them."""
    from agent.cli.recorded import any_begun, find_run
    from configs.errors import BadInput
    from tasks.runs.comparison.table import labels
    from tasks.runs.names import no_runs

    if not any_begun(context):
        raise no_runs()
    with context.warehouse() as warehouse:
        found = {row["run_id"]: row for row in (find_run(warehouse, each) for each in wanted)}
    if not 2 <= len(found) <= MOST:
        raise BadInput(
            f"{len(found)} run{'s' if len(found) != 1 else ''} cannot be compared",
            hint=f"name two to {MOST} different runs",
            next_command="qraft runs list",
        )
    names = labels([(row["name"], run_id) for run_id, row in found.items()])
    return list(zip(found.values(), names, strict=True))


def _compared(context: Context, row: Row, label: str) -> Compared:
    """Read a run's figures and its account from the lake, where every byte is checked."""
    from tasks.runs.comparison.table import Compared
    from tasks.runs.results import results_of

    lake = context.lake
    results = results_of(lake, context.ledger, row["run_id"])
    manifest = lake.manifest(results.datasets["backtest"])
    return Compared(
        label,
        row["run_id"],
        row["name"],
        lake.frame(manifest, "metrics.parquet"),
        lake.frame(manifest, "equity.parquet"),
    )
