"""The group of `qraft gate`'s commands."""

from __future__ import annotations

import click

from gate.commands.believed import clock, migrate, revoke, runners
from gate.commands.deciding import approve, demote, halt, promote, reject, resume, retire
from gate.commands.exporting import export
from gate.commands.heads import heads
from gate.commands.holdout import holdout
from gate.commands.keys import keys
from gate.commands.policy import policy
from gate.commands.reading import check, list_, log, show
from gate.commands.verifying import verify


@click.group()
def gate() -> None:
    """See what is proposed, decide what goes further, and stop what runs.

    A finished run proposes its strategy at stage dryrun. From there it goes to paper and then to
    live, each by the policy's checks and by people's approval: approve, then promote.
    """


for command in (
    list_, show, check, holdout, approve, reject, promote, demote, halt, resume, retire, log,
    verify, export, keys, policy, runners, heads, clock, migrate,
):  # fmt: skip
    gate.add_command(command)
keys.add_command(revoke)
