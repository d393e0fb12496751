"""`qraft schedule`: studies that rerun by the clock."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import click

from agent.cli.schedule.install import install, remove
from agent.cli.serving.standing import scheduled, stopping, watch_of
from configs import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from agent.cli.context import Context
    from agent.road.clock.keeper import Ended
    from agent.road.runner.pool import RunPool
    from agent.road.runner.worker import Answer, Request
    from agent.service.studies import Scheduled

names_argument = click.argument("specs", nargs=-1, metavar="[SPEC]...")
WORSE = {0: 0, 1: 1, 3: 2, 2: 3}
"""Exit codes, the better ones first."""


@click.group()
def schedule() -> None:
    """List, run and install the times at which studies rerun.

    Without SPEC, the studies that the workspace's settings name: `studies/*.yaml`.
    """


@schedule.command("list")
@names_argument
@output.as_json
@click.pass_obj
def list_(context: Context, specs: tuple[str, ...], as_json: bool) -> None:
    """Show what is due, what was missed and why, and the next times.

    Example: qraft schedule list
    """
    from agent.service.studies import list_schedule

    found = list_schedule(context, specs)

    def show() -> None:
        shown = [
            dict(each)
            | {"done_until": _short(each.done_until), "next": ", ".join(map(_short, each.next))}
            for each in found
        ]
        columns = ["study", "cron", "timezone", "calendar", "done_until", "due", "missed", "next"]
        output.print_rows(shown, columns, empty="nothing is scheduled")
        for each in found:
            for line in _remarks(each):
                click.echo(f"{each.study}: {line}")

    output.write(as_json, found, show)


@schedule.command()
@names_argument
@click.option("--once", is_flag=True, help="Run what is due now, and end.")
@click.option("--patience", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS",
              help="With --once: for so long, what fails is tried again.")  # fmt: skip
@click.pass_obj
def run(context: Context, specs: tuple[str, ...], once: bool, patience: float) -> None:
    """Run studies at their times, until stopped.

    A time is done when its run is complete. What fails is tried again, less and less often, until
    its next time, and then counts as missed; what fails because a server is away stays due.
    Ctrl-C or SIGTERM stops it when the present run is done, again at once. Exits with the worst
    code of its runs.

    Example: qraft schedule run studies/momentum.yaml --once
    """
    from agent.road.clock.book import Book
    from agent.road.clock.loop import Clock

    watch = watch_of(context, specs)
    studies = [study for study, _ in scheduled(watch())]
    with nullcontext() if once else output.logging(), stopping() as stop, _LazyPool() as pool:
        book = Book(context.workspace)
        clock = Clock(context.workspace, studies, pool.submit, book, say=output.talk)
        if once:
            ended = clock.run_due(stop, patience_s=patience)
            output.talk(f"{len(ended)} {'run was' if len(ended) == 1 else 'runs were'} due")
            click.get_current_context().exit(_worst(ended))
        for name, times in clock.next_times(1).items():
            output.talk(f"{name}: next at {', '.join(map(_short, times)) or 'no time'} UTC")
        click.get_current_context().exit(_worst(clock.run(stop, studies=watch)))


schedule.add_command(install)
schedule.add_command(remove)


class _LazyPool:
    """A pool that is not begun before something is due: most often nothing is."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._pool: RunPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def submit(self, request: Request) -> Future[Answer]:
        """Run a study."""
        if self._pool is None:
            from agent.road.runner.pool import RunPool

            self._pool = self._open.enter_context(RunPool(1))
        return self._pool.submit(request)


def _worst(ended: Sequence[Ended]) -> int:
    return max((one.exit_code for one in ended), key=lambda code: WORSE.get(code, 1), default=0)


def _remarks(one: Scheduled) -> list[str]:
    """Say what a person has to know beside the table."""
    remarks = []
    if one.note:
        remarks.append(one.note)
    if one.failing_because:
        times = "once" if one.attempts == 1 else f"{one.attempts} times"
        remarks.append(f"what is due failed {times}: {one.failing_because}")
    if last := one.last_missed:
        remarks.append(f"last missed {_short(last['at'])} UTC: {last['reason']}")
    return remarks


def _short(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""
