"""The commands that read: what stands where, what is missing, and whether the ledger is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output
from gate import pages
from gate.commands.opened import Opened, desk_of, on_disk, standing_of
from gate.commands.policy import say_difference

if TYPE_CHECKING:
    from pathlib import Path

    from gate.accounts import Account
    from gate.strategies import Strategy
    from storage.ledger import Head


@click.command("list", short_help="List what was proposed.")
@output.as_json
@click.pass_obj
def list_(opened: Opened, as_json: bool) -> None:
    """List the strategies that were proposed, the newest first, and how the policy judges them.

    Example: qraft gate list
    """
    from gate.accounts import summarise

    desk, standing = desk_of(opened), standing_of(opened)
    accounts = [summarise(s, desk) for s in standing.strategies]

    def show_all() -> None:
        pages.show_brake(standing.brake)
        pages.show_list(accounts)
        for account in accounts:
            if account["trouble"]:
                output.talk(f"{account['strategy']}: {account['trouble']}")
        _say_void(opened)
        say_difference(opened.ledger.versions.current, *on_disk(opened))

    output.write(as_json, accounts, show_all)


@click.command(short_help="Show the whole story of one strategy.")
@click.argument("strategy")
@click.option("--html", "as_page", is_flag=True, help="Also draw it as a page beside the report.")
@output.as_json
@click.pass_obj
def show(opened: Opened, strategy: str, as_page: bool, as_json: bool) -> None:
    """Show the whole story of STRATEGY: `last`, a name, name@hash, or the run that proposed it.

    Example: qraft gate show us_momentum
    """
    from gate.accounts import tell
    from gate.finding import find_to_read
    from gate.policy_file import policy_path

    standing = standing_of(opened)
    found = find_to_read(standing, strategy)
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
    from gate.card.drawing import draw_card
    from gate.judging import evidence_on_hand

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
    from gate.accounts import examine
    from gate.finding import find_to_read

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
    from gate.accounts import note

    _check_kind(kind)
    entries = [(e, why) for e, why in opened.ledger.written() if kind in {None, e.kind}]
    notes = [note(entry, void) for entry, void in entries[-limit:]]

    def show_entries() -> None:
        pages.print_entries(notes, empty="the ledger has no such entries yet")
        _say_void(opened)
        if len(entries) > limit:
            output.talk(f"{len(entries) - limit} older entries; --limit shows more")

    output.write(as_json, notes, show_entries)


@click.command(short_help="Look for changes in the ledger.")
@click.option("--head", metavar="SEQ:HASH", help="A head you kept: finds entries cut off since.")
@click.option("--heads", metavar="FILE", help="A file of heads you kept, one a line.")
@click.option(
    "--projection", is_flag=True, help="Compare with the warehouse's copy, then make that anew."
)
@output.as_json
@click.pass_obj
def verify(
    opened: Opened, head: str | None, heads: str | None, projection: bool, as_json: bool
) -> None:
    """Read the whole ledger again and name whatever was changed, removed or reordered.

    What was cut off since this machine saw the ledger is found by the head that it keeps outside
    the workspace. For all else, append what this prints to a file on another machine, and give that
    file back by --heads: each of its heads is looked for.

    Example: qraft gate verify
    """
    from configs.errors import Damaged

    kept_heads = [*([read_head(head)] if head else []), *_heads(heads)]
    if projection:
        kept_heads.append(_projected_head(opened))
    verdict = opened.ledger.verify(*kept_heads)
    problems = [{"fault": p.fault, "path": p.path, "meaning": p.meaning} for p in verdict.problems]
    void = [{"entry": seq, "why": why} for seq, why in verdict.void]
    kept = str(verdict.head)
    value = {
        "ok": verdict.ok, "entries": verdict.entries, "head": kept, "problems": problems,
        "void": void,
    }  # fmt: skip

    def show_verdict() -> None:
        if void:
            count = "1 entry counts" if len(void) == 1 else f"{len(void)} entries count"
            output.print_rows(void, ["entry", "why"], empty="", title=f"{count} for nothing")
        if verdict.ok:
            click.echo(f"{verdict.entries} entries, all whole; head {kept}")
            if ahead := opened.ledger.ahead():
                output.talk(f"{ahead}; see: qraft gate clock --help")
            return
        output.print_rows(problems, ["fault", "meaning"], empty="")

    output.write(as_json, value, show_verdict)
    if not verdict.ok:
        raise Damaged(
            f"the ledger is damaged in {len(problems)} place{'' if len(problems) == 1 else 's'}",
            hint="nothing is added to it; restore the named files from a backup",
        )
    if projection:
        _project(opened)


def _say_void(opened: Opened) -> None:
    """Say how many entries count for nothing: somebody wrote them who is not known."""
    void = opened.ledger.void()
    if void:
        first = min(void)
        output.talk(
            f"{len(void)} of the ledger's entries count for nothing, the first is {first}: "
            f"{void[first]}; see: qraft gate verify"
        )


def _projected_head(opened: Opened) -> Head:
    from storage.ledger.projection import projected_head

    with opened.warehouse() as warehouse:
        return projected_head(warehouse)


def _project(opened: Opened) -> None:
    """Make the warehouse's copy anew, from a ledger that is whole."""
    from storage.ledger.projection import project

    with opened.warehouse() as warehouse:
        project(warehouse, opened.ledger.entries())
    output.talk("the warehouse's copy of the ledger was made anew")


def _check_kind(kind: str | None) -> None:
    from configs.errors import BadInput, did_you_mean
    from storage.ledger.bodies import KINDS

    if kind is not None and kind not in KINDS:
        raise BadInput(f"the ledger knows no kind `{kind}`", hint=did_you_mean(kind, KINDS))


def _heads(file: str | None) -> list[Head]:
    from pathlib import Path

    from configs.errors import BadInput

    if file is None:
        return []
    try:
        lines = Path(file).read_text(encoding="utf-8").split()
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} cannot be read as heads", hint=str(error)) from error
    return [read_head(line) for line in lines]


def read_head(text: str) -> Head:
    """Read a head as it is printed.

    Raises
    ------
    BadInput
        If it is none.
    """
    from configs.errors import BadInput
    from storage.ledger import Head

    seq, colon, digest = text.partition(":")
    if not colon or not seq.isdigit() or len(digest) != 64:
        raise BadInput(
            f"`{text}` is not a head",
            hint="write it as `qraft gate verify` prints it, as 12:9f2c...",
        )
    return Head(int(seq), digest)
