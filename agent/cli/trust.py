"""`qraft trust`: a person agrees to where this workspace's settings and sources lead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from configs import output
from configs.errors import Forbidden

if TYPE_CHECKING:
    from agent.cli.context import Context

TERMINAL = Path("/dev/tty")


@click.command()
@click.pass_obj
def trust(context: Context) -> None:
    """Agree, once, to where this workspace's `qraft.yaml` sends secrets of your environment, and to
    the hosts that its sources call.

    Asks at the terminal; no flag and no pipe stands in for it. What was agreed to is kept in your
    own configuration, not in the workspace, as pairs of a variable and a host.

    Example: qraft trust
    """
    from configs.settings import read_settings
    from configs.trust import agree, not_trusted
    from taskspecs.sources.consent import asked_of

    settings, from_environment = read_settings(context.workspace)
    asked = [*not_trusted(settings, from_environment), *asked_of(context.workspace)]
    if not asked:
        output.talk(
            "there is nothing to agree to: settings and sources send no secret anywhere new, and "
            "call nobody new"
        )
        return
    for each in asked:
        output.talk(str(each))
    if _ask("do you agree to all of it? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise Forbidden("not agreed; nothing was sent, and nothing kept")
    agree(asked)
    output.talk("agreed")


def _ask(question: str) -> str:
    """Ask at the terminal that this process belongs to, whatever its input is redirected to."""
    try:
        with (
            TERMINAL.open(encoding="utf-8", errors="replace") as keys,
            TERMINAL.open("a", encoding="utf-8") as screen,
        ):
            if keys.isatty():
                screen.write(question)
                screen.flush()
                return keys.readline()
    except OSError as error:
        raise _nobody() from error
    raise _nobody()


def _nobody() -> Forbidden:
    return Forbidden(
        "this needs a person at a terminal, and there is none",
        hint="where nobody is, set it in the environment, as QRAFT_LLM or QRAFT_LAKE",
    )
