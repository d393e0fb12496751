"""`qraft sweep`: many variants of one study, and whether the best of them stands on a plateau."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from agent.cli.run import relative
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from pathlib import Path

    from agent.cli.context import Context
    from tasks.run import Outcome
    from tasks.sweep.grid import Grid
    from tasks.sweep.sweep import Swept

SHOWN = 10
AGAIN = ("annual_return", "sharpe", "max_drawdown", "annual_turnover", "final_account")
"""Figures of the winner, by both engines."""


@click.command()
@click.argument("spec")
@click.option(
    "--grid", "axes", multiple=True, required=True, metavar="KEY=V1,V2,...",
    help="A key of the TaskSpec and its values; KEY@NUMBER varies a number of an expression.",
)  # fmt: skip
@click.option(
    "--random",
    "sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Draw N points; default all.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the drawing.")
@click.option("--by", default="sharpe", show_default=True, help="The figure that ranks points.")
@click.option(
    "--jobs", type=int, default=-1, show_default=True, help="Processes; -1 for one a core."
)
@output.as_json
@click.pass_obj
def sweep(
    context: Context,
    spec: str,
    *,
    axes: tuple[str, ...],
    sample: int | None,
    seed: int,
    by: str,
    jobs: int,
    as_json: bool,
) -> None:
    """Run SPEC for every combination of the values of some keys, by the fast engine.

    Every point is a trial on the ledger before its result is known. What was computed before is
    not computed again. The best point is run again by qlib, with a report of its own.

    Example: qraft sweep us_momentum --grid topk=1,2,3 --grid momentum@120=20,60,120,250
    """
    from agent.service.specs import locating, read_spec
    from tasks.sweep.axes import read_axis
    from tasks.sweep.grid import lay_out_grid

    base = read_spec(context, spec)
    varied = [read_axis(text, base.taskspec) for text in axes]
    grid = lay_out_grid(base.document, varied, sample=sample, seed=seed)
    if grid.left_out:
        output.talk(f"{grid.left_out} combinations are left out: {grid.reason}")
    with locating(base):
        swept = _swept(context, grid, by, jobs)
        if (misfits := swept.grid.left_out - grid.left_out) > 0:
            output.talk(f"{misfits} combinations do not fit the data: {swept.grid.reason}")
        winner = _run_winner(context, swept, by)
    _show(context, swept, winner, by, as_json=as_json)


def _swept(context: Context, grid: Grid, by: str, jobs: int) -> Swept:
    from tasks.sweep.sweep import sweep as sweep_

    with click.progressbar(length=len(grid.points), label="points", file=sys.stderr) as bar:

        def show(done: int, _total: int) -> None:
            bar.update(done - bar.pos)

        return sweep_(grid, context.workspace, context.settings, by=by, jobs=jobs, on_progress=show)


def _run_winner(context: Context, swept: Swept, by: str) -> Outcome | None:
    """Run the best point by qlib, as any study is run."""
    from agent.cli.progress import reporting
    from gate.trials import SWEEP
    from tasks.run import run

    best = swept.best(by)
    if best.is_empty():
        return None
    spec = next(p.spec for p in swept.grid.points if p.number == best["number"][0])
    with reporting(context.workspace) as reporter:
        return run(spec, context.workspace, context.settings, road=SWEEP, reporter=reporter)


def _show(
    context: Context, swept: Swept, winner: Outcome | None, by: str, *, as_json: bool
) -> None:
    from tasks.sweep.table import say_point

    page = _page(context, swept)
    best = swept.best(by).to_dicts()
    judged = _judged(winner, best[0]) if winner and best else []
    value: dict[str, Any] = {
        "sweep_id": swept.sweep_id,
        "points": swept.table.height,
        "computed": swept.computed,
        "new_trials": swept.tried,
        "left_out": swept.grid.left_out,
        "refused": swept.table.filter(swept.table["refusal"] != "").height,
        "by": by,
        "best": [{**row, "changed": json.loads(row["changed"])} for row in best[:SHOWN]],
        "winner": {"run_id": winner.session.plan.run_id, "figures": judged} if winner else None,
        "page": str(page),
    }

    def show() -> None:
        names = [by, "neighbours_median", "neighbours_worst", "annual_return", "max_drawdown"]
        rows = [
            {**row["changed"], **{n: say_point(n, row[n], by) for n in names}}
            for row in value["best"]
        ]
        headings = list(dict.fromkeys([axis.name for axis in swept.grid.axes] + names))
        output.print_rows(rows, headings, empty="no point has that figure", title="best points")
        output.print_rows(
            [_written(row) for row in judged], ["figure", "fast", "qlib"],
            empty="", title="the best point, by both engines",
        )  # fmt: skip
        click.echo(
            f"{value['points']} points, {value['computed']} computed now, "
            f"{value['new_trials']} new trials; sweep {swept.sweep_id}"
        )
        click.echo(f"page: {relative(page)}")
        if winner:
            output.talk(f"next: qraft runs show {winner.session.plan.run_id}")

    output.write(as_json, value, show)


def _judged(winner: Outcome, point: dict[str, Any]) -> list[dict[str, Any]]:
    metrics = dict(winner.session.frame("backtest", "metrics").select("name", "value").iter_rows())
    return [{"name": n, "fast": point.get(n), "qlib": metrics.get(n)} for n in AGAIN]


def _written(row: dict[str, Any]) -> dict[str, str]:
    engines = {engine: say_figure(row["name"], row[engine]) for engine in ("fast", "qlib")}
    return {"figure": row["name"], **engines}


def _page(context: Context, swept: Swept) -> Path:
    from tasks.opening import write_once

    name = f"sweep-{swept.sweep_id}.html"
    return write_once(
        context.workspace.reports / name, context.lake.read(swept.manifest, "sweep.html")
    )
