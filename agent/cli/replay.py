"""`qraft runs replay`: whether a run, repeated, leaves the very same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from tasks.runs.replay import Replayed

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
    from agent.cli.progress import reporting
    from agent.cli.recorded import any_begun, find_run
    from tasks.runs.names import no_runs
    from tasks.runs.replay import replay as repeat

    if not any_begun(context):
        raise no_runs()
    with context.warehouse() as warehouse:
        run_id = find_run(warehouse, run)["run_id"]
    with reporting(context.workspace) as reporter:
        replayed = repeat(run_id, context.workspace, context.settings, reporter=reporter)
    show_replayed(replayed, as_json=as_json)
    if not replayed.identical:
        raise click.exceptions.Exit(1)


def show_replayed(replayed: Replayed, *, as_json: bool) -> None:
    """Print the verdict on each file, and what is different in how it was made."""
    value = {
        "run_id": replayed.run_id,
        "study": replayed.study,
        "identical": replayed.identical,
        "files": [
            {"stage": v.stage, "name": v.name, "same": v.same, "before": v.before, "now": v.now}
            for v in replayed.verdicts
        ],
        "changed": {stage: list(what) for stage, what in replayed.changed.items()},
    }

    def show() -> None:
        rows = [
            {
                "stage": v.stage,
                "file": v.name,
                "was": (v.before or "-")[:SHOWN],
                "is": (v.now or "-")[:SHOWN],
                "verdict": "same" if v.same else "differs",
            }
            for v in replayed.verdicts
        ]
        output.print_rows(rows, ["stage", "file", "was", "is", "verdict"], empty="no files")
        differ = sum(not v.same for v in replayed.verdicts)
        total = len(replayed.verdicts)
        what = "identical" if replayed.identical else f"not identical: {differ} files differ"
        click.echo(f"run {replayed.run_id}: {what}, of {total} files" if differ else
                   f"run {replayed.run_id}: {what}, all {total} files")  # fmt: skip
        for stage, changed in replayed.changed.items():
            output.talk(f"{stage} is made otherwise now: {', '.join(changed)}")

    output.write(as_json, value, show)
