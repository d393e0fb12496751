"""The page of one run in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.runs.headline import headline, print_figures
from agent.cli.runs.health import print_health
from agent.cli.runs.run import relative
from configs import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.runs.models import AskingEvent, Figure, RunDetail


def show_run(run: RunDetail, *, everything: bool) -> None:
    """Print a run: what it was, its figures, the health of its data, and where it all came from.

    Parameters
    ----------
    everything
        All figures, the lineage and the files too.
    """
    patterns = ", ".join(f"{count} {kind}" for kind, count in run.patterns_by_type.items())
    output.print_facts(
        {
            "run": run.run_id,
            "study": run.name,
            "about": " ".join(run.description.split()) or None,
            "tried": f"{output.shown(run.tried_at)} UTC, by {run.road}",
            "data": f"{run.source}, {run.symbols} symbols, frequency {run.frequency},"
            f" {_period(run)}",
            "asked by": _asked_by(run.events),
            "as of": run.as_of or "all that is known",
            "patterns": patterns or "none",
            "gate": f"{run.strategy}, {run.gate_stage or 'not proposed'}",
        }
    )
    click.echo(f"report: {relative(run.report)}")  # in one piece, for whoever copies it
    _show_figures(run.figures, everything=everything)
    print_health([dict(rule) for rule in run.health])
    if everything:
        _show_lineage(run)


def _asked_by(events: Sequence[AskingEvent]) -> str:
    """Name the events that asked for a run; a burst by its size."""
    if not events:
        return "no event"
    first = events[0]
    said = f"event {first.event}" + (f", {first.type}" if first.type else "")
    return said + (f", and {len(events) - 1} more" if len(events) > 1 else "")


def _show_figures(figures: list[Figure], *, everything: bool) -> None:
    shown = figures if everything else headline(figures) or figures
    print_figures(shown, empty="no metrics", title="Figures")
    if len(shown) < len(figures):
        output.talk(f"{len(figures) - len(shown)} more figures; --all shows them")


def _show_lineage(run: RunDetail) -> None:
    from tasks.dag.stages import BY_NAME

    order = list(BY_NAME)
    lineage = sorted(run.lineage, key=lambda each: order.index(each.stage))
    stages = [{**dict(each), "key": each.key[:12], "reads": each.inputs} for each in lineage]
    output.print_rows(stages, ["stage", "key", "reads"], empty="", title="Lineage")
    files = sorted(run.artifacts, key=lambda each: (order.index(each.stage), each.name))
    rows = [dict(each) for each in files]
    output.print_rows(rows, ["stage", "name", "rows", "bytes"], empty="", title="Files")


def _period(run: RunDetail) -> str:
    """Return the months that a run's bars cover."""
    first, last = run.first_ts, run.last_ts
    return f"{first:%Y-%m} to {last:%Y-%m}" if first and last else "-"
