"""`qraft runs replay`: whether a run, repeated, leaves the very same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.runs.comparison import Replay

SHOWN = 12
"""Digits of a digest that are shown."""


@click.command()
@click.argument("run", default="last")
@output.as_json
@click.pass_obj
def replay(context: Context, run: str, as_json: bool) -> None:
    """Repeat RUN, and compare every file.

    It is made again from its plan and the source as it was landed, in a scratch folder, and changes
    nothing. Exit code 1 if a file is not the same.

    Example: qraft runs replay last
    """
    from agent.cli.runs.progress import reporting
    from agent.service.runs.comparison import replay_run

    with reporting(context.workspace) as reporter:
        replayed = replay_run(context, run, reporter=reporter)
    output.write(as_json, replayed, lambda: _show(replayed))
    if not replayed.identical:
        raise click.exceptions.Exit(1)


def _show(replayed: Replay) -> None:
    """Print the verdict on each file, and what is different in how it was made."""
    rows = [
        {
            "stage": file.stage,
            "file": file.name,
            "was": (file.before or "-")[:SHOWN],
            "is": (file.now or "-")[:SHOWN],
            "verdict": "same" if file.same else "differs",
        }
        for file in replayed.files
    ]
    output.print_rows(rows, ["stage", "file", "was", "is", "verdict"], empty="no files")
    differ, total = sum(not file.same for file in replayed.files), len(replayed.files)
    what = "identical" if replayed.identical else f"not identical: {differ} files differ"
    of = f"of {total} files" if differ else f"all {total} files"
    click.echo(f"run {replayed.run_id}: {what}, {of}")
    for stage, changed in replayed.changed.items():
        output.talk(f"{stage} is made otherwise now: {', '.join(changed)}")
