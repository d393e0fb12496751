"""`qraft schedule install` and `remove`: the same times for cron or systemd."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.serving.standing import scheduled, studies_of
from configs import output
from configs.errors import BadInput, Failed
from configs.settings import PREFIX, Settings

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.road.studies import Study
    from taskspecs.rerunning import ScheduleSpec

names_argument = click.argument("specs", nargs=-1, metavar="[SPEC]...")
system_option = click.option(
    "--for", "system", type=click.Choice(["cron", "systemd"]), default="cron", show_default=True,
    help="Whose timetable.",
)  # fmt: skip
ENV_FILE = ".env"


@click.command()
@names_argument
@system_option
@click.option("--apply", "applied", is_flag=True, help="Put it there; without it, print it.")
@click.option("--env-file", type=click.Path(path_type=Path), metavar="FILE",
              help="Secrets and settings as NAME=value; default the workspace's .env.")  # fmt: skip
@click.pass_obj
def install(
    context: Context, specs: tuple[str, ...], system: str, applied: bool, env_file: Path | None
) -> None:
    """Let crontab or systemd run studies at their times.

    Without --apply it is only printed. For cron that is your whole crontab with the lines of this
    workspace in it, marked, so that it can be piped into `crontab -` as it is; what is yours in it
    is kept. Repeating it changes nothing, `qraft schedule remove` takes it away.

    Where cron or systemd cannot say a schedule exactly, they are told to look more often: the
    command that they start looks what is due, and ends at once if nothing is.

    Example: qraft schedule install --apply
    """
    from agent.road.clock.book import Book
    from agent.road.clock.page import Page

    studies = scheduled(studies_of(context, specs))
    secrets = (env_file or context.workspace.root / ENV_FILE).expanduser().absolute()
    if system == "cron":
        _cron(context, studies, secrets, applied)
    else:
        _systemd(context, studies, secrets, applied)
    _speak_of_environment(secrets)
    if not applied:
        output.talk(f"next: qraft schedule install --for {system} --apply")
        return
    book, now = Book(context.workspace), datetime.now(UTC)
    for study, _ in studies:
        # From now on no time is lost: not the first one, and not those of a machine that is off.
        if not book.path(study.spec.name).exists():
            book.write(Page(study=study.spec.name, done_until=now))


@click.command()
@system_option
@click.pass_obj
def remove(context: Context, system: str) -> None:
    """Take away what `install --apply` put there.

    Example: qraft schedule remove --for systemd
    """
    from agent.cli.schedule import system_clocks

    root = context.workspace.root
    if system == "cron":
        changed = system_clocks.change_crontab(root, [])
        output.talk("the crontab's lines are gone" if changed else "there was nothing of ours")
        return
    names = system_clocks.remove_units(root)
    output.talk(f"gone: {', '.join(names)}" if names else "there was nothing of ours")


def _cron(
    context: Context, studies: list[tuple[Study, ScheduleSpec]], secrets: Path, applied: bool
) -> None:
    from agent.cli.schedule import system_clocks
    from agent.road.clock.crontab import cron_line, entry, merge, shell_command

    root = context.workspace.root
    zone = system_clocks.zone()
    lines = []
    for study, plan in studies:
        line = cron_line(plan, zone, datetime.now(UTC))
        how = "" if line.exact else "; looks more often than that, and runs only what is due"
        command = shell_command(_program(), root, study.path.absolute(), secrets)
        lines += [
            f"# {study.spec.name}: {plan.cron} in {plan.timezone}, written in {zone.key}{how}",
            entry(line, command),
        ]
    if not applied:
        try:
            present = system_clocks.read_crontab()
        except Failed as error:
            output.talk(f"only the lines of this workspace are printed: {error.what}", "warning")
            present = ""
        click.echo(merge(present, root, lines), nl=False)
        return
    changed = system_clocks.change_crontab(root, lines)
    output.talk("the crontab has its lines" if changed else "the crontab had its lines already")


def _systemd(
    context: Context, studies: list[tuple[Study, ScheduleSpec]], secrets: Path, applied: bool
) -> None:
    from agent.cli.schedule import system_clocks
    from agent.road.clock.systemd import units

    root = context.workspace.root
    path = f"{_program().parent}:/usr/local/bin:/usr/bin:/bin"
    files: dict[str, str] = {}
    for study, plan in studies:
        run = [str(_program()), "--workspace", str(root), "schedule", "run",
               str(study.path.absolute()), "--once"]  # fmt: skip
        if any("\n" in text for text in [*run, str(secrets)]):
            raise BadInput("a path with a line break cannot stand in a unit file")
        files |= units(plan, study.spec.name, run, workspace=root, env_file=secrets, path=path,
                       now=datetime.now(UTC))  # fmt: skip
    if not applied:
        for name, text in files.items():
            click.echo(f"# {system_clocks.units_folder() / name}\n{text}")
        return
    output.talk(system_clocks.write_units(root, files))


def _speak_of_environment(secrets: Path) -> None:
    """Say what is set here and will not be set where the system starts the command."""
    from storage.buckets.store import KEY, SECRET

    names = [PREFIX + name.upper() for name in Settings.model_fields]
    names += [KEY, SECRET, "CLICKHOUSE_PASSWORD", "QDRANT_API_KEY", "OPENOBSERVE_PASSWORD"]
    given = [name for name in names if os.environ.get(name)]
    if given and not secrets.exists():
        output.talk(
            f"set here, and not there: {', '.join(given)}; put them as NAME=value into {secrets}, "
            "readable to you alone",
            "warning",
        )


def _program() -> Path:
    return Path(sys.argv[0]).absolute()
