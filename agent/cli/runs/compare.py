"""`qraft runs compare`: runs side by side, as a table and as an overlay plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.runs.run import relative
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from agent.cli.context import Context


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
    from agent.service.runs.comparison import compare_runs

    compared = compare_runs(context, runs, everything=everything)

    def show() -> None:
        names = [run.label for run in compared.runs]
        written = [
            {
                "figure": each.name,
                **{n: say_figure(each.name, each.values[n], each.unit) for n in names},
            }
            for each in compared.figures
        ]
        output.print_rows(written, ["figure", *names], empty="no figures")
        click.echo(f"plot: {relative(compared.page)}")
        if not everything:
            output.talk("--all shows every figure")

    output.write(as_json, compared, show)
    if open_page:
        click.launch(compared.page)
