"""`qraft schedule`: studies that rerun by the clock."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.standing import stopping, studies_of
from configs import output
from configs.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.studies import Study
    from taskspecs.rerunning import ScheduleSpec

names_argument = click.argument("specs", nargs=-1, metavar="[SPEC]...")
SHOWN_TIMES = 3


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
    """Show what is scheduled, what was missed, and the next times.

    Example: qraft schedule list
    """
    from agent.clock.book import Book
    from agent.clock.times import missed, next_times

    now = datetime.now(UTC)
    book = Book(context.workspace)
    rows: list[dict[str, Any]] = []
    for study, plan in _scheduled(context, specs):
        done = book.known(study.spec.name)
        rows.append(
            {
                "study": study.spec.name,
                "cron": plan.cron,
                "timezone": plan.timezone,
                "calendar": plan.calendar or "every day",
                "done_until": done,
                "missed": len(missed(plan, done, now)) if done else 0,
                "next": next_times(plan, now, SHOWN_TIMES),
            }
        )

    def show() -> None:
        shown = [
            row
            | {"done_until": _short(row["done_until"]), "next": ", ".join(map(_short, row["next"]))}
            for row in rows
        ]
        columns = ["study", "cron", "timezone", "calendar", "done_until", "missed", "next"]
        output.print_rows(shown, columns, empty="nothing is scheduled")

    output.write(as_json, rows, show)


@schedule.command()
@names_argument
@click.option("--once", is_flag=True, help="Run what is due now, and end.")
@click.pass_obj
def run(context: Context, specs: tuple[str, ...], once: bool) -> None:
    """Run studies at their times, until stopped.

    Missed times are caught up in order.
    Ctrl-C or SIGTERM stops it when the present run is done.

    Example: qraft schedule run studies/momentum.yaml --once
    """
    from agent.clock.book import Book
    from agent.clock.loop import Clock
    from agent.runner.pool import RunPool

    studies = [study for study, _ in _needed(context, specs)]
    with stopping() as stop, RunPool(1) as pool:
        clock = Clock(
            context.workspace, studies, pool.submit, Book(context.workspace), say=output.talk
        )
        if once:
            done = clock.run_due()
            output.talk(f"{done} runs were due")
            return
        for name, times in clock.next_times(1).items():
            output.talk(f"{name}: next at {', '.join(map(_short, times)) or 'no time'} UTC")
        clock.run(stop)


@schedule.command()
@names_argument
@click.option("--for", "system", type=click.Choice(["cron", "systemd"]), default="cron",
              help="Whose lines to write.")  # fmt: skip
@click.pass_obj
def install(context: Context, specs: tuple[str, ...], system: str) -> None:
    """Print what crontab or systemd needs to run them.

    Nothing is installed by itself.

    Example: qraft schedule install | crontab -
    """
    from agent.clock.lines import command, crontab, systemd

    program = Path(sys.argv[0]).resolve()
    for study, plan in _needed(context, specs):
        line = command(program, context.workspace.root, str(study.path))
        if system == "cron":
            click.echo(crontab(plan, line), nl=False)
            continue
        for name, text in systemd(plan, study.spec.name, line).items():
            click.echo(f"# ~/.config/systemd/user/{name}\n{text}")
    if system == "systemd":
        output.talk("next: systemctl --user daemon-reload && systemctl --user enable --now NAME")


def _scheduled(context: Context, specs: tuple[str, ...]) -> list[tuple[Study, ScheduleSpec]]:
    studies = studies_of(context, specs)
    return [(study, plan) for study in studies if (plan := study.spec.schedule)]


def _needed(context: Context, specs: tuple[str, ...]) -> list[tuple[Study, ScheduleSpec]]:
    found = _scheduled(context, specs)
    if not found:
        raise BadInput(
            "no study has a `schedule`",
            hint='put one into a TaskSpec, as\n  schedule: {cron: "30 18 * * 1-5", '
            "timezone: America/New_York, calendar: XNYS}\nand the file into studies/, or name it",
        )
    return found


def _short(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
