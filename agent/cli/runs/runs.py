"""`qraft runs`: the runs of this workspace and their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.runs.compare import compare
from agent.cli.runs.replay import replay
from agent.cli.runs.run import relative
from agent.cli.runs.run_page import show_run
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.runs.models import Run

LISTED = {"return": "annual_return", "sharpe": "sharpe", "drawdown": "max_drawdown"}
"""Heading and figure in the list of runs."""
NO_RUNS = "there are no finished runs in this workspace yet; the first: qraft demo"


@click.group()
def runs() -> None:
    """List, show, compare and repeat runs."""


runs.add_command(compare)
runs.add_command(replay)


@runs.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@output.as_json
@click.pass_obj
def list_(context: Context, limit: int, as_json: bool) -> None:
    """List the finished runs, the newest first.

    Example: qraft runs list --limit 5
    """
    from agent.service.runs.finished import list_runs

    found = list_runs(context)
    shown = found[:limit]

    variant = ("variant",) if any(run.variant for run in shown) else ()

    def show_runs() -> None:
        output.print_rows(
            [_line(run) for run in shown],
            ["run", "study", "tried", *LISTED, "gate", *variant],
            cut=variant,
            empty=NO_RUNS,
        )
        if len(found) > limit:
            output.talk(f"{len(found) - limit} older runs; --limit shows more")

    output.write(as_json, shown, show_runs)


@runs.command()
@click.argument("run", default="last")
@click.option("--all", "everything", is_flag=True, help="All figures, files and lineage.")
@output.as_json
@click.pass_obj
def show(context: Context, run: str, everything: bool, as_json: bool) -> None:
    """Show RUN: `last`, the beginning of a run's id, or a study's name.

    Example: qraft runs show last --all
    """
    from agent.service.runs.finished import show_run as show_run_

    told = show_run_(context, run)
    output.write(as_json, told, lambda: show_run(told, everything=everything))


@runs.command()
@click.option("--open", "open_page", is_flag=True, help="Open the page.")
@output.as_json
@click.pass_obj
def index(context: Context, open_page: bool, as_json: bool) -> None:
    """Write a page of all runs and their reports.

    Example: qraft runs index --open
    """
    from agent.service.runs.finished import list_runs
    from agent.service.runs.reports import write_index

    index = write_index(context, list_runs(context))
    output.write(as_json, index, lambda: click.echo(f"page: {relative(index.page)}"))
    if not index.runs and not as_json:
        output.talk(NO_RUNS)
    if open_page:
        click.launch(index.page)


def _line(run: Run) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "study": run.name,
        "tried": f"{run.tried_at:%Y-%m-%d}" if run.tried_at else None,
        "gate": run.gate_stage,
        "variant": run.variant,
        **{heading: say_figure(name, run.metrics.get(name)) for heading, name in LISTED.items()},
    }
