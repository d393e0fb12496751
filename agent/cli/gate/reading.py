"""The commands that read: what stands where, what is missing, and whether the ledger is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.gate import pages
from agent.cli.gate.opened import Opened, desk_of, on_disk, standing_of
from agent.cli.gate.policy import say_difference
from configs import output

if TYPE_CHECKING:
    from pathlib import Path

    from gate.strategies.strategies import Strategy
    from gate.summaries import Account


@click.command("list", short_help="List what was proposed.")
@output.as_json
@click.pass_obj
def list_(opened: Opened, as_json: bool) -> None:
    """List the strategies that were proposed, the newest first, and how the policy judges them.

    Example: qraft gate list
    """
    from gate.summaries import summarise

    desk, standing = desk_of(opened), standing_of(opened)
    accounts = [summarise(s, desk) for s in standing.strategies]

    def show_all() -> None:
        pages.show_brake(standing.brake)
        pages.show_list(accounts)
        for account in accounts:
            if account["trouble"]:
                output.talk(f"{account['strategy']}: {account['trouble']}")
            pages.say_gone(account)
        _say_void(opened)
        say_difference(opened.ledger.versions.current, *on_disk(opened))

    output.write(as_json, accounts, show_all)


@click.command(short_help="Show the whole story of one strategy.")
@click.argument("strategy")
@click.option("--html", "as_page", is_flag=True, help="Also draw it as a page beside the report.")
@click.option("--statement", is_flag=True, help="Only what was signed, as it was shown.")
@output.as_json
@click.pass_obj
def show(opened: Opened, strategy: str, as_page: bool, statement: bool, as_json: bool) -> None:
    """Show the whole story of STRATEGY: `last`, a name, name@hash, or the run that proposed it.

    With --statement, show the statement of each of its approvals, as it was shown and signed.

    Example: qraft gate show us_momentum
    """
    from gate.policy.file import policy_path
    from gate.strategies.finding import find_to_read
    from gate.summaries import statements, tell

    standing = standing_of(opened)
    found = find_to_read(standing, strategy)
    if statement:
        given = statements(opened.ledger.entries(), found.strategy)
        output.write(as_json, given, lambda: pages.show_statements(given))
        return
    account = tell(found, standing, desk_of(opened))
    version = opened.ledger.versions.current
    account["policy"] = (
        f"version {version.number} on the ledger" if version
        else f"{policy_path(opened.workspace)}, until the first approval takes it"
    )  # fmt: skip
    if as_page:
        account["page"] = str(_draw(opened, found, account))
        output.talk(f"card: {account['page']}")
    output.write(as_json, account, lambda: pages.show_story(account))


def _draw(opened: Opened, strategy: Strategy, account: Account) -> Path:
    """Draw the card beside the report, under the run's name."""
    from agent.pages.card.drawing import draw_card
    from gate.evidence.judging import evidence_on_hand

    page = opened.workspace.reports / f"{strategy.name}-{strategy.run_id}-gate.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    evidence = evidence_on_hand(strategy, opened.ledger, opened.lake)
    page.write_text(draw_card(account, evidence), encoding="utf-8")
    return page


@click.command(short_help="Hold the evidence against each check of the next step.")
@click.argument("strategy")
@output.as_json
@click.pass_obj
def check(opened: Opened, strategy: str, as_json: bool) -> None:
    """Print each check of STRATEGY's next step: figure, threshold, verdict, and what is missing.

    Example: qraft gate check us_momentum
    """
    from gate.strategies.finding import find_to_read
    from gate.summaries import examine

    standing = standing_of(opened)
    account = examine(find_to_read(standing, strategy), standing, desk_of(opened))
    output.write(as_json, account, lambda: pages.show_check(account))


@click.command(short_help="Print the ledger.")
@click.option("--kind", metavar="KIND", help="Only entries of this kind, as trial or proposal.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@output.as_json
@click.pass_obj
def log(opened: Opened, kind: str | None, limit: int, as_json: bool) -> None:
    """Print the ledger's newest entries, the newest last.

    Example: qraft gate log --kind trial
    """
    from gate.summaries import note

    _check_kind(kind)
    entries = [(e, why) for e, why in opened.ledger.written() if kind in {None, e.kind}]
    notes = [note(entry, void) for entry, void in entries[-limit:]]

    def show_entries() -> None:
        pages.print_entries(notes, empty="the ledger has no such entries yet")
        _say_void(opened)
        if len(entries) > limit:
            output.talk(f"{len(entries) - limit} older entries; --limit shows more")

    output.write(as_json, notes, show_entries)


def _say_void(opened: Opened) -> None:
    """Say how many entries count for nothing: somebody wrote them who is not known."""
    void = opened.ledger.void()
    if void:
        first = min(void)
        output.talk(
            f"{len(void)} of the ledger's entries count for nothing, the first is {first}: "
            f"{void[first]}; see: qraft gate verify"
        )


def _check_kind(kind: str | None) -> None:
    from configs.errors import BadInput, did_you_mean
    from storage.ledger.bodies import KINDS

    if kind is not None and kind not in KINDS:
        raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))
