"""`qraft gate`: what is proposed, what the policy says of it, and what would have to be true."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING, Protocol

import click

from configs import output
from gate import pages
from gate.stages import Stage

if TYPE_CHECKING:
    from configs.workspace import Workspace
    from storage.ledger import Head, Ledger

STEPS = [str(Stage.PAPER), str(Stage.LIVE)]


class Opened(Protocol):
    """What the root of the command line hands over."""

    @property
    def workspace(self) -> Workspace:
        """The workspace."""

    @property
    def ledger(self) -> Ledger:
        """The ledger."""


@click.group()
def gate() -> None:
    """See what is proposed, and what it would need to go further.

    A finished run proposes its strategy at stage dryrun. From there it goes to paper and then to
    live, each by the policy's rules and by people's approval.
    """


@gate.command("list", short_help="List what was proposed.")
@output.as_json
@click.pass_obj
def list_(opened: Opened, as_json: bool) -> None:
    """List the strategies that were proposed, the newest first.

    Example: qraft gate list
    """
    from gate.accounts import summarise
    from gate.policy_file import load_policy
    from gate.strategies import strategies

    policy = load_policy(opened.workspace)
    accounts = [summarise(s, policy) for s in strategies(opened.ledger.entries())]
    output.write(as_json, accounts, lambda: pages.show_list(accounts))


@gate.command(short_help="Show the whole story of one strategy.")
@click.argument("strategy")
@output.as_json
@click.pass_obj
def show(opened: Opened, strategy: str, as_json: bool) -> None:
    """Show the whole story of STRATEGY: a name, name@hash, or the run that proposed it.

    Example: qraft gate show us_momentum
    """
    from gate.accounts import tell
    from gate.deciding.promotion import find
    from gate.policy_file import load_policy, policy_path

    policy = load_policy(opened.workspace)
    account = tell(find(opened.ledger, strategy), policy, opened.ledger.entries())
    account["policy"] = str(policy_path(opened.workspace))
    output.write(as_json, account, lambda: pages.show_story(account))


@gate.command(short_help="Ask for one stage further.")
@click.argument("strategy")
@click.option("--to", type=click.Choice(STEPS), required=True, help="The stage to go to.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; goes to the ledger.")
@click.pass_obj
def promote(opened: Opened, strategy: str, to: str, reason: str) -> None:
    """Ask for STRATEGY to go one stage further; refused until all that is asked for is there.

    The request, its reason and the verdict are written to the ledger. A refusal exits with 3.

    Example: qraft gate promote us_momentum --to paper --reason "steady"
    """
    from gate.deciding.requests import request_promotion
    from gate.policy_file import load_policy

    policy = load_policy(opened.workspace)
    request_promotion(opened.ledger, policy, strategy, to=Stage(to), reason=reason, actor=_person())


@gate.command(short_help="Print the ledger.")
@click.option("--kind", metavar="KIND", help="Only entries of this kind, as trial or proposal.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@output.as_json
@click.pass_obj
def log(opened: Opened, kind: str | None, limit: int, as_json: bool) -> None:
    """Print the ledger's newest entries, the newest last.

    Example: qraft gate log --kind trial
    """
    from gate.accounts import note

    _check_kind(kind)
    entries = opened.ledger.entries(kind)
    notes = [note(entry) for entry in entries[-limit:]]

    def show_entries() -> None:
        pages.print_entries(notes, empty="the ledger has no such entries yet")
        if len(entries) > limit:
            output.talk(f"{len(entries) - limit} older entries; --limit shows more")

    output.write(as_json, notes, show_entries)


@gate.command(short_help="Look for changes in the ledger.")
@click.option("--head", metavar="SEQ:HASH", help="A head you kept: finds entries cut off since.")
@output.as_json
@click.pass_obj
def verify(opened: Opened, head: str | None, as_json: bool) -> None:
    """Read the whole ledger again and name whatever was changed, removed or reordered.

    Example: qraft gate verify
    """
    from configs.errors import Damaged

    verdict = opened.ledger.verify(_head(head))
    problems = [{"fault": p.fault, "path": p.path, "meaning": p.meaning} for p in verdict.problems]
    kept = f"{verdict.head.seq}:{verdict.head.hash}"
    value = {"ok": verdict.ok, "entries": verdict.entries, "head": kept, "problems": problems}

    def show_verdict() -> None:
        if verdict.ok:
            click.echo(f"{verdict.entries} entries, all whole; head {kept}")
            return
        output.print_rows(problems, ["fault", "meaning"], empty="")

    output.write(as_json, value, show_verdict)
    if not verdict.ok:
        raise Damaged(
            f"the ledger is damaged in {len(problems)} place{'' if len(problems) == 1 else 's'}",
            hint="nothing is added to it; restore the named files from a backup",
        )


def _check_kind(kind: str | None) -> None:
    from configs.errors import BadInput, did_you_mean
    from storage.ledger.entry import KINDS

    if kind is not None and kind not in KINDS:
        raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))


def _head(text: str | None) -> Head | None:
    from configs.errors import BadInput
    from storage.ledger import Head

    if text is None:
        return None
    seq, colon, digest = text.partition(":")
    if not colon or not seq.isdigit() or len(digest) != 64:
        raise BadInput(
            f"`{text}` is not a head",
            hint="write it as `qraft gate verify` prints it, as 12:9f2c...",
        )
    return Head(int(seq), digest)


def _person() -> str:
    """Name who sits at the terminal, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
