"""`qraft plan`: what a run would do, stage by stage and feature by feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.run import as_of_option, locating, moment
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from tasks.dag.plan import RunPlan
    from taskspecs.schema import FeaturesSpec
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
    from taskspecs.catalogue import find
    from taskspecs.load import load

    path = find(spec)
    taskspec, document = load(path, context.workspace.root)
    with locating(document):
        from tasks.runs.run import plan_run

        planned = plan_run(taskspec, context.workspace, context.settings, as_of=moment(as_of))
    done = planned.done(context.lake)
    value = _plan_value(planned, done)
    output.write(as_json, value, lambda: _show_plan(value))


def _plan_value(planned: RunPlan, done: dict[str, bool]) -> dict[str, Any]:
    return {
        "run_id": planned.run_id,
        "strategy": planned.strategy,
        "stages": [
            {
                "stage": stage.name,
                "state": "done" if done[stage.name] else "to compute",
                "key": stage.key,
                "reads": ", ".join(stage.inputs),
            }
            for stage in planned.stages
        ],
        "features": _features(planned.spec.features),
    }


def _features(spec: FeaturesSpec) -> list[dict[str, Any]]:
    """Analyse every expression: the rows of history it needs, and what it costs."""
    from taskspecs.expressions import analyse, parse
    from taskspecs.features import all_expressions

    described = []
    for name, text in all_expressions(spec).items():
        analysis = analyse(parse(text))
        described.append(
            {
                "feature": name,
                "expression": text,
                "history_rows": analysis.lookback_rows,
                "looks_ahead_rows": analysis.lookahead_rows,
                "across_symbols": analysis.cross_section,
                "cost_ns_per_row": analysis.cost,
            }
        )
    return described


def _show_plan(value: dict[str, Any]) -> None:
    rows = [{**stage, "key": stage["key"][:12]} for stage in value["stages"]]
    output.print_rows(
        rows, ["stage", "state", "key", "reads"], empty="", title=f"run {value['run_id']}"
    )
    features = value["features"]
    rows = [
        {
            "feature": feature["feature"],
            "history": _history(feature["history_rows"]),
            "ns a row": feature["cost_ns_per_row"],
            "expression": feature["expression"],
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
