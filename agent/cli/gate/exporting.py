"""`qraft gate export`, and how a bundle is verified: for an audit, on a machine without Qraft's."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.gate import pages
from agent.cli.gate.opened import Opened, in_force_of
from configs import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.bundle.exporting import Signs
    from gate.bundle.verifying import Found
    from storage.ledger import Head


@click.command(short_help="Write the ledger and its evidence as one signed file.")
@click.option(
    "--strategy", metavar="STRATEGY", help="Only its evidence; the entries are all there."
)
@click.option(
    "--out", "file", metavar="FILE", default="qraft-gate.tar", show_default=True,
    help="Where to; never over another file.",
)  # fmt: skip
@click.option("--as", "person", metavar="NAME", help="Also sign it as this person, at a terminal.")
@click.pass_obj
def export(opened: Opened, strategy: str | None, file: str, person: str | None) -> None:
    """Write one file with the ledger, its evidence, the policies and what people signed.

    This machine's runner signs it, and a person beside it with --as. `qraft gate verify FILE`
    checks it anywhere. The same ledger and evidence give the same file.

    Example: qraft gate export --out audit.tar
    """
    from agent.cli.gate.opened import standing_of
    from gate.bundle.exporting import export as export_
    from gate.bundle.verifying import fingerprint_of
    from gate.strategies.finding import find_to_read

    found = find_to_read(standing_of(opened), strategy).strategy if strategy else ""
    signer = _person(opened, person) if person else None
    raw = export_(opened.ledger, opened.lake, strategy=found, person=signer)
    _write_new(Path(file), raw)
    click.echo(file)
    output.talk(f"{len(raw):,} bytes; verify it by: qraft gate verify {file} --root")
    output.talk(f"  {fingerprint_of(opened.ledger.trust.founder)}")


def _person(opened: Opened, person: str) -> Signs:
    from agent.cli.gate.person import key_and_sign
    from configs.errors import Forbidden

    policy = in_force_of(opened)
    if policy is None:
        raise Forbidden("no policy is in force that would list whoever signs")
    key, sign = key_and_sign(policy, person)
    return key.person, key.public, sign


def _write_new(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all, and never over another."""
    from configs.errors import BadInput

    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(raw)
        os.link(draft, path)
    except FileExistsError as error:
        raise BadInput(f"{path} is there already", hint="--out names another file") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written", hint=error.strerror) from error
    finally:
        draft.unlink(missing_ok=True)


def verify_file(
    file: str, *, root: str | None, trust: bool, heads: Sequence[Head], as_json: bool
) -> None:
    """Verify a bundle, and say what it holds.

    Raises
    ------
    BadInput
        If it cannot be read, or nothing says whom to believe.
    Damaged
        If anything is wrong with it.
    """
    from configs.errors import BadInput, Damaged
    from gate.bundle.verifying import fingerprint_of, verify_bundle
    from gate.summaries import statements

    if (root is None) != trust:
        raise BadInput(
            "say whom to believe: --root FINGERPRINT, of the runner that began the ledger",
            hint="--trust believes whatever the bundle says; it is told then whom that is",
        )
    found = verify_bundle(_bytes_of(Path(file)), root=root, heads=heads)
    given = statements(found.entries) if found.ok else []
    value = {
        "ok": found.ok, "ledger": found.ledger, "head": found.head, "entries": len(found.entries),
        "root": fingerprint_of(found.founder) if found.founder else "",
        "signed_by": list(found.signed_by),
        "problems": [trouble._asdict() for trouble in found.troubles],
        "void": [{"entry": seq, "why": why} for seq, why in found.void.items()],
        "gone": list(found.gone), "statements": given,
    }  # fmt: skip

    def show() -> None:
        pages.show_statements(given)
        _show(found, str(value["root"]))

    output.write(as_json, value, show)
    if not found.ok:
        count = len(found.troubles)
        raise Damaged(
            f"{file} is not to be relied on: {count} thing{'' if count == 1 else 's'} "
            f"{'is' if count == 1 else 'are'} wrong with it",
            hint=found.troubles[0].meaning,
        )


def _show(found: Found, root: str) -> None:
    void = [{"entry": seq, "why": why} for seq, why in found.void.items()]
    output.print_rows(void, ["entry", "why"], empty="", title="Entries that count for nothing")
    for gone in found.gone:
        click.echo(f"gone before the bundle was made: {gone}")
    if found.ok:
        click.echo(f"{len(found.entries)} entries, all whole; head {found.head}")
        click.echo(f"signed by {', '.join(found.signed_by)}; the ledger's root is {root}")
        return
    rows = [trouble._asdict() for trouble in found.troubles]
    output.print_rows(rows, ["fault", "where", "meaning"], empty="")


def _bytes_of(path: Path) -> bytes:
    from configs.errors import BadInput
    from gate.bundle.container import MOST_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read", hint=error.strerror) from error
