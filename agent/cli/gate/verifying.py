"""`qraft gate verify`: the ledger, or a bundle of it, read again and held against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.gate import pages
from configs import output

if TYPE_CHECKING:
    from agent.cli.gate.opened import Opened
    from storage.ledger import Head


@click.command(short_help="Look for changes in the ledger, or in a bundle of it.")
@click.argument("bundle", required=False)
@click.option("--head", metavar="SEQ:HASH", help="A head you kept: finds entries cut off since.")
@click.option("--heads", metavar="FILE", help="A file of heads you kept, one a line.")
@click.option(
    "--projection", is_flag=True, help="Compare with the warehouse's copy, then make that anew."
)
@click.option("--root", metavar="KEY", help="Of a bundle: the runner that began its ledger.")
@click.option("--trust", is_flag=True, help="Of a bundle: believe whichever runner it names.")
@output.as_json
@click.pass_obj
def verify(  # noqa: PLR0917 - what click hands over
    opened: Opened, bundle: str | None, head: str | None, heads: str | None, projection: bool,
    root: str | None, trust: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read the whole ledger again and name whatever was changed, removed or reordered.

    Shows what each person was shown as they approved, and whether the ledger says the same.

    With BUNDLE, a file that `qraft gate export` wrote, look at nothing else: no workspace is
    needed, only the key, or its fingerprint, of the runner that began the ledger.

    What was cut off since this machine saw the ledger is found by the head that it keeps outside
    the workspace. For all else, append what this prints to a file on another machine, and give that
    file back by --heads: each of its heads is looked for.

    Example: qraft gate verify
    """
    from agent.cli.gate.exporting import verify_file
    from configs.errors import BadInput, Damaged
    from gate.summaries import statements

    kept_heads = [*([read_head(head)] if head else []), *_heads(heads)]
    if bundle is not None:
        verify_file(bundle, root=root, trust=trust, heads=kept_heads, as_json=as_json)
        return
    if root is not None or trust:
        raise BadInput("--root and --trust are of a bundle, and none is named")
    if projection:
        kept_heads.append(_projected_head(opened))
    verdict = opened.ledger.verify(*kept_heads)
    problems = [{"fault": p.fault, "path": p.path, "meaning": p.meaning} for p in verdict.problems]
    void = [{"entry": seq, "why": why} for seq, why in verdict.void]
    kept = str(verdict.head)
    given = statements(opened.ledger.entries()) if verdict.ok else []
    value = {
        "ok": verdict.ok, "entries": verdict.entries, "head": kept, "problems": problems,
        "void": void, "statements": given,
    }  # fmt: skip

    def show_verdict() -> None:
        pages.show_statements(given)
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
