"""The group of `qraft gate`'s commands."""

from __future__ import annotations

import click

from agent.cli.gate.believed import clock, migrate, revoke, runners
from agent.cli.gate.deciding import approve, demote, halt, promote, reject, resume, retire
from agent.cli.gate.exporting import export
from agent.cli.gate.heads import heads
from agent.cli.gate.holdout import holdout
from agent.cli.gate.keys import keys
from agent.cli.gate.policy import policy
from agent.cli.gate.reading import check, list_, log, show
from agent.cli.gate.verifying import verify


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
