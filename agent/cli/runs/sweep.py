"""`qraft sweep`: many variants of one study, and whether the best of them stands on a plateau."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from agent.cli.runs.run import relative
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.cli.context import Context
    from agent.service.runs.sweeping import BothEngines, Swept


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
    from agent.cli.runs.progress import reporting
    from agent.service.runs.sweeping import lay_out
    from agent.service.runs.sweeping import sweep as sweep_
    from agent.service.specs import read_spec

    base = read_spec(context, spec)
    grid = lay_out(base, axes, sample=sample, seed=seed)
    if grid.left_out:
        output.talk(f"{grid.left_out} combinations are left out: {grid.reason}")
    swept = sweep_(
        context, base, grid, by=by, jobs=jobs, showing=_points,
        reporting=partial(reporting, context.workspace),
    )  # fmt: skip
    output.write(as_json, swept, lambda: _show(swept))


@contextmanager
def _points(total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a bar of the points that are done."""
    with click.progressbar(length=total, label="points", file=sys.stderr) as bar:
        yield lambda done, _total: bar.update(done - bar.pos)


def _show(swept: Swept) -> None:
    from tasks.sweep.table import say_point

    by = swept.by
    names = [by, "neighbours_median", "neighbours_worst", "annual_return", "max_drawdown"]
    rows = [
        {**row["changed"], **{n: say_point(n, row[n], by) for n in names}} for row in swept.best
    ]
    headings = list(dict.fromkeys(swept.axes + names))
    output.print_rows(rows, headings, empty="no point has that figure", title="best points")
    judged = [_written(each) for each in swept.winner.figures] if swept.winner else []
    output.print_rows(
        judged, ["figure", "fast", "qlib"], empty="", title="the best point, by both engines"
    )
    click.echo(
        f"{swept.points} points, {swept.computed} computed now, "
        f"{swept.new_trials} new trials; sweep {swept.sweep_id}"
    )
    click.echo(f"page: {relative(swept.page)}")
    if swept.winner:
        output.talk(f"next: qraft runs show {swept.winner.run_id}")


def _written(figure: BothEngines) -> dict[str, str]:
    by_engine = {"fast": figure.fast, "qlib": figure.qlib}
    said = {engine: say_figure(figure.name, value) for engine, value in by_engine.items()}
    return {"figure": figure.name, **said}
