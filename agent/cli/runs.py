"""`qraft runs`: the runs of this workspace and their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.compare import compare
from agent.cli.replay import replay
from agent.cli.run import relative
from agent.cli.run_page import show_run
from configs import output
from configs.figures import say_figure
from tasks.dag.outputs import named

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.cli.recorded import Row
    from storage.warehouse.port import Warehouse

LISTED = {"return": "annual_return", "sharpe": "sharpe", "drawdown": "max_drawdown"}
"""Heading and figure in the list of runs."""


def copied(name: str) -> str:
    """Return the question for the rows of a run's table, as the warehouse copied them."""
    output = named(name)
    what, order = ", ".join(output.names), ", ".join(output.key)
    return f"SELECT {what} FROM {output.table} WHERE run_id = {{run:String}} ORDER BY {order}"  # noqa: S608


DETAILS = {
    "metrics": copied("metrics"),
    "artifacts": "SELECT stage, name, rows, bytes, path, sha256 FROM artifacts"
    " WHERE run_id = {run:String} ORDER BY stage, name",
    "lineage": "SELECT stage, key, any(code) AS code, arraySort(groupArray(input)) AS inputs"
    " FROM lineage WHERE run_id = {run:String} GROUP BY stage, key ORDER BY stage",
    "health": copied("health"),
    "patterns": "SELECT type, count() AS patterns FROM patterns WHERE run_id = {run:String}"
    " GROUP BY type ORDER BY type",
}
"""What `runs show` tells of a run, beside its row."""


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
    found = listed_runs(context)
    shown = found[:limit]

    variant = ("variant",) if any(run["variant"] for run in shown) else ()

    def show_runs() -> None:
        output.print_rows(
            [_line(run) for run in shown],
            ["run", "study", "tried", *LISTED, "gate", *variant],
            cut=variant,
            empty="there are no finished runs in this workspace yet; the first: qraft demo",
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
    value = gather_run(context, run)
    output.write(as_json, value, lambda: show_run(value, everything=everything))


@runs.command()
@click.option("--open", "open_page", is_flag=True, help="Open the page.")
@output.as_json
@click.pass_obj
def index(context: Context, open_page: bool, as_json: bool) -> None:
    """Write a page of all runs and their reports.

    Example: qraft runs index --open
    """
    from agent.pages.index import NAME, draw_index
    from tasks.scheduler.page_link import write_once

    found = listed_runs(context)
    folder = context.workspace.reports
    pages = sorted(path.name for path in folder.glob("*.html") if path.name != NAME)
    rows = [{**run, "report": _report_link(context, run)} for run in found]
    page = write_once(
        folder / NAME, draw_index(context.workspace.root.name or "/", rows, pages).encode("utf-8")
    )
    value = {"page": str(page), "runs": len(found)}
    output.write(as_json, value, lambda: click.echo(f"page: {relative(page)}"))
    if not found and not as_json:
        output.talk("there are no finished runs in this workspace yet; the first: qraft demo")
    if open_page:
        click.launch(str(page))


def _report_link(context: Context, run: Row) -> str | None:
    """Return where a run's report is, seen from the index; None where it is on a server."""
    from urllib.parse import quote

    from storage.lake.objects import FolderObjects

    place = context.workspace.reports / f"{run['name']}-{run['run_id']}.html"
    if place.exists():
        return quote(place.name)
    store = context.lake.store
    if not isinstance(store, FolderObjects):
        return None
    path = store.local_path(run["report"])
    return path.as_uri() if path.exists() else None


def gather_run(context: Context, run: str) -> dict[str, Any]:
    """Return all that is told of the run that a person means.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    from agent.cli.recorded import find_run, need_runs

    need_runs(context)
    with context.warehouse() as warehouse:
        row = find_run(warehouse, run)
        details = {
            name: warehouse.rows(sql, {"run": row["run_id"]}) for name, sql in DETAILS.items()
        }
    events = asking_events(context, row["run_id"])
    about = {
        "gate_stage": _gate_stages(context).get(row["strategy"]),
        "report_file": report_file(context, row),
    }
    return {"run": {**row, **about}, **details, "events": events}


def asking_events(context: Context, run_id: str) -> list[Row]:
    """Return the events that asked for a run: those that its trial names, and those it answered.

    A run that found everything done is the same run again, and no further trial; the inbox knows
    which events it answered to all the same.
    """
    from gate.evidence import trials
    from storage.events.boxes import Boxes

    named = {
        event_id: {"event": event_id, "type": None, "source": None}
        for entry in context.ledger.entries(trials.KIND)
        if entry.body["run_id"] == run_id
        for event_id in entry.body.get("events", ())
    }
    with Boxes(context.workspace.home / "events") as boxes:
        for work in boxes.work.of_run(run_id):
            event_id = work.ident.removeprefix("id:")
            named[event_id] = {"event": event_id, "type": work.type, "source": work.source}
    return list(named.values())


def report_file(context: Context, run: Row) -> str:
    """Return where a run's report can be opened, seen from the current folder if it is below it.

    A report that another machine made is copied here first. One that is sealed, gone or damaged is
    named by its place in the lake.
    """
    from configs.errors import QraftError
    from storage.lake.manifest import DatasetId
    from tasks.scheduler.page_link import copy_page, page_path

    place = page_path(context.workspace, study=run["name"], run=run["run_id"])
    if not place.exists():
        dataset = DatasetId(*run["report"].split("/")[:3])
        try:
            report = context.lake.manifest(dataset)
            copy_page(context.workspace, context.lake, report, study=run["name"], run=run["run_id"])
        except QraftError:
            return str(context.lake.store.url(run["report"]))
    return str(relative(place))


def listed_runs(context: Context) -> list[Row]:
    """Return the finished runs with their figures, the newest first."""
    from agent.cli.recorded import NEWEST_FIRST, any_begun
    from tasks.runs.names import differences

    if not any_begun(context):
        return []
    with context.warehouse() as warehouse:
        rows = warehouse.rows(NEWEST_FIRST)
        figures = _figures(warehouse)
    stages = _gate_stages(context)
    variants = differences(rows)
    return [
        {
            **{name: value for name, value in row.items() if name != "spec"},
            "variant": variants.get(row["run_id"]),
            "metrics": figures.get(row["run_id"], {}),
            "gate_stage": stages.get(row["strategy"]),
        }
        for row in rows
    ]


def _figures(warehouse: Warehouse) -> dict[str, dict[str, float | None]]:
    """Return the metrics of all runs: run to name to value."""
    figures: dict[str, dict[str, float | None]] = {}
    for row in warehouse.rows("SELECT run_id, name, value FROM metrics ORDER BY run_id, name"):
        figures.setdefault(row["run_id"], {})[row["name"]] = row["value"]
    return figures


def _gate_stages(context: Context) -> dict[str, str]:
    from gate.policy.file import load_policy
    from gate.strategies.strategies import strategies

    policy = load_policy(context.workspace)
    known = strategies(context.ledger.entries(), policy)
    return {strategy.strategy: str(strategy.stage) for strategy in known}


def _line(run: Row) -> dict[str, Any]:
    metrics = run["metrics"]
    return {
        "run": run["run_id"],
        "study": run["name"],
        "tried": f"{run['tried_at']:%Y-%m-%d}" if run["tried_at"] else None,
        "gate": run["gate_stage"],
        "variant": run["variant"],
        **{heading: say_figure(name, metrics.get(name)) for heading, name in LISTED.items()},
    }
