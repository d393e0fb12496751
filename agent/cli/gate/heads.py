"""`qraft gate heads`: what this machine and others keep of the ledger, to tell what was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.gate.deciding import reason_option
from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from agent.cli.gate.opened import Opened
    from storage.ledger.checkpoint import Pin


@click.group(short_help="What is kept of the ledger elsewhere.")
def heads() -> None:
    """See and keep heads of the ledger outside the workspace: they tell what was cut off since."""


@heads.command(short_help="Show the head that this machine keeps.")
@output.as_json
@click.pass_obj
def show(opened: Opened, as_json: bool) -> None:
    """Show what this machine has seen of the ledger, and of ledgers that stood here before.

    Example: qraft gate heads show
    """
    pin = opened.ledger.checkpoint.pin() if opened.ledger.checkpoint else None
    value = _account(pin)
    output.write(as_json, value, lambda: output.print_facts(value))


@heads.command(short_help="Take the ledger as it is, though entries are gone.")
@reason_option
@click.pass_obj
def accept(opened: Opened, reason: str) -> None:
    """Take the ledger as it is, where entries are gone that this machine had seen.

    A person at a terminal answers for it: what is gone may have been a halt. Restoring the ledger
    from a backup is better.

    Example: qraft gate heads accept --reason "the workspace was made anew"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name

    ledger = opened.ledger
    pin = ledger.checkpoint.pin() if ledger.checkpoint else None
    verdict = ledger.verify()
    facts = {
        "seen before": _account(pin)["head"], "there now": f"{verdict.entries} entries",
        **{f"fault {n}": p.meaning for n, p in enumerate(verdict.problems, start=1)},
        "reason": reason,
    }  # fmt: skip
    ask_person(ledger, None, None, facts, "accept")
    ledger.accept()
    head = ledger.head()
    click.echo(f"the ledger is taken as it is: {head.seq} entries")
    output.talk(f"decided by {account_name()}; what was seen before is kept in: qraft gate heads")


@heads.command(short_help="Push the head to a git repository.")
@click.argument("repository")
@click.option("--branch", default="qraft-heads", show_default=True, help="The branch to push to.")
@click.pass_obj
def push(opened: Opened, repository: str, branch: str) -> None:
    """Append the ledger's head to a branch of REPOSITORY, a path or a URL that git can push to.

    The branch is never forced: whoever rewrites the ledger cannot take back what was pushed.

    Example: qraft gate heads push git@example.com:desk/heads.git
    """
    from storage.ledger.pushing import push_head

    ledger = opened.ledger
    head = ledger.head()
    pushed = push_head(repository, branch, ledger.id, head)
    click.echo(f"{head}" if pushed else f"{head} is there already")


@heads.command(short_help="Hold the ledger against the heads in a git repository.")
@click.argument("repository")
@click.option("--branch", default="qraft-heads", show_default=True, help="The branch to read.")
@click.pass_obj
def pull(opened: Opened, repository: str, branch: str) -> None:
    """Hold the ledger against every head that was ever pushed to REPOSITORY.

    Example: qraft gate heads pull git@example.com:desk/heads.git
    """
    from configs.errors import Damaged
    from storage.ledger.pushing import pushed_heads

    found = pushed_heads(repository, branch, opened.ledger.id)
    verdict = opened.ledger.verify(*found)
    if not verdict.ok:
        raise Damaged(
            "the ledger is not the one whose heads were pushed",
            hint="\n".join(problem.meaning for problem in verdict.problems),
            remedy=Mend.VERIFY_LEDGER(),
        )
    click.echo(f"{len(found)} heads, all on this ledger")


@heads.command(short_help="Have the head timestamped, by RFC 3161.")
@click.argument("url")
@click.pass_obj
def stamp(opened: Opened, url: str) -> None:
    """Ask the timestamp authority at URL to sign the ledger's head with its time, and keep that.

    The answer is kept beside what this machine saw, and printed as a path: `openssl ts -verify`
    checks it with the authority's certificate.

    Example: qraft gate heads stamp https://freetsa.org/tsr
    """
    from storage.ledger.stamping import stamp_head

    ledger = opened.ledger
    click.echo(str(stamp_head(url, ledger.id, ledger.head())))


def _account(pin: Pin | None) -> dict[str, object]:
    if pin is None:
        return {"place": "", "ledger": "", "head": "nothing was seen yet", "before": []}
    return {
        "place": pin.place, "ledger": pin.ledger, "head": str(pin.head),
        "before": list(pin.before),
    }  # fmt: skip
