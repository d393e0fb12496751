"""`qraft plan`: what a run would do, stage by stage and feature by feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.runs.run import as_of_option, moment
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.plans import Plan

SHOWN_FEATURES = 20


@click.command()
@click.argument("spec")
@as_of_option
@output.as_json
@click.pass_obj
def plan(context: Context, spec: str, as_of: str | None, as_json: bool) -> None:
    """Show what running SPEC would do; writes nothing.

    Example: qraft plan us_momentum
    """
    from agent.service.plans import plan_run
    from agent.service.specs import read_spec

    planned = plan_run(context, read_spec(context, spec), as_of=moment(as_of))
    output.write(as_json, planned, lambda: _show(planned))


def _show(planned: Plan) -> None:
    rows = [{**dict(stage), "key": stage.key[:12]} for stage in planned.stages]
    output.print_rows(
        rows, ["stage", "state", "key", "reads"], empty="", title=f"run {planned.run_id}"
    )
    features = planned.features
    rows = [
        {
            "feature": feature.feature,
            "history": _history(feature.history_rows),
            "ns a row": feature.cost_ns_per_row,
            "expression": feature.expression,
        }
        for feature in features[:SHOWN_FEATURES]
    ]
    output.print_rows(
        rows,
        ["feature", "history", "ns a row", "expression"],
        empty="no features",
        title="features",
    )
    if len(features) > SHOWN_FEATURES:
        output.talk(f"{len(features) - SHOWN_FEATURES} more features; --json shows them all")


def _history(rows: int | None) -> str:
    return "all of it" if rows is None else f"{rows} rows"
