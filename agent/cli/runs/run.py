"""`qraft run` and `qraft demo`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from agent.cli.runs.headline import headline, print_figures, tell_patterns
from configs import output

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from agent.cli.context import Context
    from agent.road.backfill.partitions import Every
    from agent.service.runs.models import Following, RunOutcome
    from agent.service.specs import Spec
    from taskspecs.schema import TaskSpec

DEMO = "us_momentum"
DAY = click.DateTime(["%Y-%m-%d"])

as_of_option = click.option(
    "--as-of", metavar="TIME", help="Use only what was known then (ISO 8601, UTC); default all."
)
open_option = click.option("--open", "open_report", is_flag=True, help="Open the report.")


@click.command()
@click.argument("spec")
@as_of_option
@click.option("--from", "first", type=DAY, help="Backfill: run as of each past time, from this day")
@click.option("--to", "last", type=DAY, help="to this day, in order.")
@click.option(
    "--every", type=click.Choice(["day", "week", "month"]),
    help="The times of a backfill; default those of the spec's schedule.",
)  # fmt: skip
@open_option
@output.as_json
@click.pass_obj
def run(
    context: Context,
    spec: str,
    *,
    as_of: str | None,
    first: datetime | None,
    last: datetime | None,
    every: Every | None,
    open_report: bool,
    as_json: bool,
) -> None:
    """Run SPEC, the name of a shipped TaskSpec or the path of your own.

    What was computed before is not computed again; an interrupted run resumes, and so does a
    backfill. Each run of a backfill is a trial on the ledger.

    Examples: qraft run us_momentum

    qraft run us_momentum --from 2012-01-01 --to 2012-12-31 --every month
    """
    if first or last or every:
        from agent.cli.runs.backfill import backfill_file

        begin, end = _period(first, last, as_of=as_of, open_report=open_report)
        backfill_file(context, spec, first=begin, last=end, every=every, as_json=as_json)
        return
    run_file(context, spec, as_of=as_of, open_report=open_report, as_json=as_json)


def _period(
    first: datetime | None, last: datetime | None, *, as_of: str | None, open_report: bool
) -> tuple[date, date]:
    """Return the days of a backfill."""
    from configs.errors import BadInput

    if first is None or last is None:
        raise BadInput(
            "a backfill needs --from and --to", hint="as --from 2012-01-01 --to 2012-12-31"
        )
    if as_of or open_report:
        raise BadInput("--as-of and --open go with one run, not with a backfill")
    return first.date(), last.date()


@click.command()
@click.option("--live", is_flag=True, help="Play a session through a local WebSocket instead.")
@open_option
@output.as_json
@click.pass_obj
def demo(context: Context, *, live: bool, open_report: bool, as_json: bool) -> None:
    """Run the study that ships, on the real prices of five American shares, 2000 to 2013.

    With --live, the same prices come as trades through a WebSocket of this machine, days as
    fast as they are read; patterns are shown as they are found, and in the end what was made live
    is compared with what the journal's replay makes. No network, no key.
    """
    if live:
        from agent.cli.streams.live_demo import show_live

        show_live(as_json=as_json)
        return
    run_file(context, DEMO, as_of=None, open_report=open_report, as_json=as_json)


def run_file(
    context: Context, spec: str, *, as_of: str | None, open_report: bool, as_json: bool
) -> None:
    """Run a TaskSpec by name or path, and show what came of it."""
    from agent.service.specs import read_spec

    outcome = _run(context, read_spec(context, spec), road="command", as_of=moment(as_of))
    show_outcome(outcome, as_json=as_json)
    if open_report:
        click.launch(outcome.report)


def run_spec(context: Context, spec: TaskSpec, *, road: str) -> None:
    """Run a TaskSpec that has no file, and show what came of it."""
    from agent.service.specs import Spec

    show_outcome(_run(context, Spec(spec), road=road, as_of=None), as_json=False)


def _run(context: Context, spec: Spec, *, road: str, as_of: datetime | None) -> RunOutcome:
    from agent.cli.runs.progress import reporting
    from agent.service.runs.now import run_now
    from storage.telemetry.shipping import shipping

    with (
        shipping(context.workspace, context.settings, say=output.talk),
        reporting(context.workspace) as reporter,
    ):
        outcome = run_now(context, spec, as_of=as_of, road=road, reporter=reporter)
    if outcome.told_later:
        output.talk(f"other studies are told of this run later: {outcome.told_later}")
    return outcome


def show_outcome(outcome: RunOutcome, *, as_json: bool) -> None:
    """Print the headline figures of a run and where its report is."""
    output.write(as_json, outcome, lambda: _show(outcome))


def _show(outcome: RunOutcome) -> None:
    print_figures(headline(outcome.figures), empty="no metrics")
    tell_patterns(outcome.patterns, outcome.withheld, outcome.level)
    click.echo(f"run {outcome.run_id}; strategy {outcome.strategy}")
    for remark in outcome.remarks:
        click.echo(f"note: {remark}")
    click.echo(f"report: {relative(outcome.report)}")
    if outcome.following:
        output.print_facts(_facts(outcome.following), title="At the gate")
        output.talk(f"its account: qraft paper {outcome.name}")
    output.talk(f"next: qraft explain {outcome.run_id} | qraft gate show {outcome.strategy}")
    if outcome.source == "sample":
        output.talk("your own prices: qraft new my_study --data FILE")


def _facts(following: Following) -> dict[str, Any]:
    """Write what became of a strategy at paper or live, without what there is nothing of."""
    from configs.figures import say_figure

    told = {name: value for name, value in following if name != "figures" and value}
    figures = {n: say_figure(n, v) for n, v in following.figures.items() if v is not None}
    return told | figures


def moment(text: str | None) -> datetime | None:
    """Read a time that a person wrote, in UTC unless it says otherwise."""
    from configs.errors import BadInput

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"`{text}` is not a time", hint="write it as 2012-12-31 or 2012-12-31T21:00"
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def relative(path: Path | str) -> str:
    """Return a path as seen from the current folder, if it is below it; anything else as it is."""
    from pathlib import Path as Folder

    here, place = Folder.cwd(), Folder(path)
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(path)
