"""The page of one run in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.headline import headline, print_figures
from agent.cli.health import print_health
from configs import output

if TYPE_CHECKING:
    from agent.cli.recorded import Row


def show_run(value: dict[str, Any], *, everything: bool) -> None:
    """Print a run: what it was, its figures, the health of its data, and where it all came from.

    Parameters
    ----------
    everything
        All figures, the lineage and the files too.
    """
    patterns = ", ".join(f"{row['patterns']} {row['type']}" for row in value["patterns"])
    run = value["run"]
    output.print_facts(
        {
            "run": run["run_id"],
            "study": run["name"],
            "about": " ".join(run["description"].split()) or None,
            "tried": f"{output.shown(run['tried_at'])} UTC, by {run['road']}",
            "data": f"{run['source']}, {run['symbols']} symbols, frequency {run['frequency']},"
            f" {period_of(run)}",
            "asked by": _asked_by(value["events"]),
            "as of": run["as_of"] or "all that is known",
            "patterns": patterns or "none",
            "gate": f"{run['strategy']}, {run['gate_stage'] or 'not proposed'}",
        }
    )
    click.echo(f"report: {run['report_file']}")  # in one piece, for whoever copies it
    _show_metrics(value["metrics"], everything=everything)
    print_health(value["health"])
    if everything:
        _show_lineage(value)


def _asked_by(events: list[Row]) -> str:
    """Name the events that asked for a run; a burst by its size."""
    if not events:
        return "no event"
    first = events[0]
    said = f"event {first['event']}" + (f", {first['type']}" if first["type"] else "")
    return said + (f", and {len(events) - 1} more" if len(events) > 1 else "")


def _show_metrics(metrics: list[Row], *, everything: bool) -> None:
    shown = metrics if everything else headline(metrics) or metrics
    print_figures(shown, empty="no metrics", title="Figures")
    if len(shown) < len(metrics):
        output.talk(f"{len(metrics) - len(shown)} more figures; --all shows them")


def _show_lineage(value: dict[str, Any]) -> None:
    from tasks.dag.stages import BY_NAME

    order = list(BY_NAME)
    lineage = sorted(value["lineage"], key=lambda row: order.index(row["stage"]))
    stages = [{**row, "key": row["key"][:12], "reads": row["inputs"]} for row in lineage]
    output.print_rows(stages, ["stage", "key", "reads"], empty="", title="Lineage")
    files = sorted(value["artifacts"], key=lambda row: (order.index(row["stage"]), row["name"]))
    output.print_rows(files, ["stage", "name", "rows", "bytes"], empty="", title="Files")


def period_of(run: Row) -> str:
    """Return the months that a run's bars cover."""
    first, last = run["first_ts"], run["last_ts"]
    return f"{first:%Y-%m} to {last:%Y-%m}" if first and last else "-"
