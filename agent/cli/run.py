"""`qraft run` and `qraft demo`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from agent.cli.headline import headline, print_figures, tell_patterns
from configs import output

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from agent.cli.context import Context
    from agent.road.backfill.partitions import Every
    from configs.document import Document
    from tasks.runs.run import Outcome
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
        from agent.cli.backfill import backfill_file

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
        from agent.cli.live_demo import show_live

        show_live(as_json=as_json)
        return
    run_file(context, DEMO, as_of=None, open_report=open_report, as_json=as_json)


def run_file(
    context: Context, spec: str, *, as_of: str | None, open_report: bool, as_json: bool
) -> None:
    """Run a TaskSpec by name or path, and show what came of it."""
    from taskspecs.catalogue import find
    from taskspecs.load import load

    taskspec, document = load(find(spec), context.workspace.root)
    with locating(document):
        outcome = _run(context, taskspec, road="command", as_of=moment(as_of))
    show_outcome(outcome, as_json=as_json)
    if open_report:
        click.launch(str(report_path(outcome)))


def run_spec(context: Context, spec: TaskSpec, *, road: str) -> None:
    """Run a TaskSpec that has no file, and show what came of it."""
    show_outcome(_run(context, spec, road=road, as_of=None), as_json=False)


def report_path(outcome: Outcome) -> Path:
    """Return where the report can be opened: a copy under a name that a person can say."""
    return outcome.page


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print the headline figures of a run and where its report is."""
    from tasks.backtest.remarks import remarks_of

    plan_ = outcome.session.plan
    metrics = outcome.session.frame("backtest", "metrics").to_dicts()
    patterns, withheld = (
        outcome.session.frame("detection", name).height for name in ("patterns", "withheld")
    )
    following = _following(outcome)
    remarks = remarks_of(plan_.spec, {row["name"]: row["value"] for row in metrics})
    if following and following["future_bars"]:
        remarks.append(
            f"{following['future_bars']:,.0f} bars of the data are not over yet, or lie in the "
            "future: they are passed over until they are over"
        )
    if following:
        remarks += _of_symbols(following)
    value: dict[str, Any] = {
        "run_id": plan_.run_id,
        "strategy": plan_.strategy,
        "computed": list(outcome.computed),
        "patterns": patterns,
        "withheld": withheld,
        "metrics": {row["name"]: row["value"] for row in metrics},
        "report": str(report_path(outcome)),
        "following": following,
        "remarks": remarks,
    }

    def show() -> None:
        print_figures(headline(metrics), empty="no metrics")
        tell_patterns(patterns, withheld, plan_.spec.discovery.level)
        click.echo(f"run {plan_.run_id}; strategy {plan_.strategy}")
        for remark in remarks:
            click.echo(f"note: {remark}")
        click.echo(f"report: {relative(report_path(outcome))}")
        if following:
            facts = {n: _said(n, value) for n, value in following.items() if value is not None}
            output.print_facts(facts, title="At the gate")
            output.talk(f"its account: qraft paper {plan_.spec.name}")
        output.talk(f"next: qraft explain {plan_.run_id} | qraft gate show {plan_.strategy}")
        if plan_.spec.data.source == "sample":
            output.talk("your own prices: qraft new my_study --data FILE")

    output.write(as_json, value, show)


def _of_symbols(following: dict[str, Any]) -> list[str]:
    """Say which symbols of the data take no part, and which that were approved have no bar."""
    remarks = []
    if following["left_out"]:
        remarks.append(
            f"{following['left_out']}: not among the approved symbols, and left out; to take them "
            "in, demote the strategy to dryrun, run it, and approve what it proposes"
        )
    if following["absent"]:
        remarks.append(
            f"{following['absent']}: approved, and without a newest bar; what is held of them "
            "cannot be dealt until they have one"
        )
    return remarks


def _said(name: str, value: Any) -> Any:
    from configs.figures import say_figure

    return say_figure(name, value) if isinstance(value, float) else value


def _following(outcome: Outcome) -> dict[str, Any] | None:
    """Tell what became of a strategy that is at paper or live."""
    followed = outcome.following
    if followed is None:
        return None
    return {
        "stage": str(followed.stage),
        "published": followed.published.isoformat() if followed.published else None,
        "stopped": followed.stopped or None,
        "held_back": followed.held_back or None,
        "left_out": ", ".join(followed.left_out) or None,
        "absent": ", ".join(followed.absent) or None,
        **followed.figures,
    }


def _run(context: Context, spec: TaskSpec, *, road: str, as_of: datetime | None) -> Outcome:
    from agent.cli.progress import reporting
    from agent.road.runner.telling import tell_of
    from storage.telemetry.shipping import shipping
    from tasks.runs.run import Asked
    from tasks.runs.run import run as run_

    asked = Asked(tells=True)
    with (
        shipping(context.workspace, context.settings, say=output.talk),
        reporting(context.workspace) as reporter,
    ):
        outcome = run_(
            spec, context.workspace, context.settings, as_of=as_of, road=road, reporter=reporter,
            asked=asked,
        )  # fmt: skip
    if later := tell_of(outcome, asked).later:
        output.talk(f"other studies are told of this run later: {later}")
    return outcome


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


def relative(path: Path) -> Path:
    """Return a path as seen from the current folder, if it is below it."""
    from pathlib import Path as Folder

    here = Folder.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class locating:  # noqa: N801 - reads as a statement
    """Give the errors inside it their line in the TaskSpec's file."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from configs.errors import QraftError

        if isinstance(error, QraftError) and error.place and error.place.line is None:
            raise self._document.located(error) from error
