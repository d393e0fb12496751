"""Exporting: the ledger, what it names, and an index that a runner signs, as one file."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from configs.errors import BadInput, Damaged, Failed, Forbidden
from configs.remedies import Mend
from gate.bundle.container import write_members
from gate.bundle.contents import (
    ENTRIES,
    FORMAT,
    INDEX,
    SIGNATURES,
    Reference,
    references,
    told,
    write_entries,
)
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.lake.lake import Lake
    from storage.ledger import Entry, Ledger

RUNNER: Final = "runner"
"""Who signs an index, where no person does."""

Signs = tuple[str, str, "Callable[[bytes], str]"]
"""A person, their key, and what asks them for a signature."""


def signed_bytes(index: bytes) -> bytes:
    """Return what is signed of a bundle: the digest of its index, under a purpose of its own."""
    said = {"purpose": FORMAT, "index": hashlib.sha256(index).hexdigest()}
    return canonical_json(said).encode()


def export(ledger: Ledger, lake: Lake, *, strategy: str = "", person: Signs | None = None) -> bytes:
    """Return a bundle; the same ledger and evidence give the same bytes.

    Parameters
    ----------
    strategy
        Whose evidence goes into it; default all of it. The entries are all there in any case.
    person
        Who signs it beside this machine's runner.

    Raises
    ------
    BadInput
        If the ledger is empty, or there is more than a bundle holds.
    Damaged
        If the ledger is not whole.
    """
    entries = ledger.entries()
    if not entries:
        raise BadInput("the ledger has no entries", remedy=Mend.RUN_DEMO())
    stored = {seq: raw for seq, raw in ledger.stored().items() if seq <= len(entries)}
    wanted = references(entries, strategy)
    found = {one.member: raw for one in wanted if (raw := _read(ledger, lake, one)) is not None}
    files = {
        **found, ENTRIES: write_entries(stored), **told(entries, ledger.trust),
    }  # fmt: skip
    index = _index(ledger, entries[-1], strategy, wanted, files)
    signatures = [_signed(index, (RUNNER, ledger.runner.public, ledger.runner.sign))]
    if person is not None:
        signatures.append(_signed(index, person))
    listed = canonical_json(signatures).encode()
    try:
        return write_members({INDEX: index, SIGNATURES: listed, **dict(sorted(files.items()))})
    except ValueError as error:
        raise BadInput(
            f"this is more than a bundle holds: {error}", hint="--strategy takes one's evidence"
        ) from error


def _index(
    ledger: Ledger,
    newest: Entry,
    strategy: str,
    wanted: list[Reference],
    files: dict[str, bytes],
) -> bytes:
    value: dict[str, Any] = {
        "format": FORMAT,
        "ledger": ledger.id,
        "head": str(newest.head),
        "at": newest.at,
        "strategy": strategy,
        "founder": ledger.trust.founder,
        "files": {
            name: {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
            for name, raw in files.items()
        },
        "evidence": [
            {
                "entry": one.entry, "name": one.name, "sha256": one.sha256,
                "there": one.member in files,
            }
            for one in wanted
        ],
    }  # fmt: skip
    return canonical_json(value).encode()


def _signed(index: bytes, who: Signs) -> dict[str, str]:
    by, key, sign = who
    return {"by": by, "key": key, "signature": sign(signed_bytes(index))}


def _read(ledger: Ledger, lake: Lake, wanted: Reference) -> bytes | None:
    """Read a file that an entry names; None where it is gone, is another by now, or is sealed."""
    ways = (partial(_from_lake, lake), partial(_from_kept, ledger, lake))
    for read in ways:
        try:
            raw = read(wanted)
        except (Damaged, Failed, Forbidden, BadInput):
            continue
        if raw is not None and hashlib.sha256(raw).hexdigest() == wanted.sha256:
            return raw
    return None


def _from_lake(lake: Lake, wanted: Reference) -> bytes | None:
    if wanted.result is None:
        return lake.store.get(wanted.path)
    return lake.read(lake.manifest(wanted.result), wanted.name)


def _from_kept(ledger: Ledger, lake: Lake, wanted: Reference) -> bytes | None:
    beside = ledger.evidence.manifest(wanted.result) if wanted.result else None
    return lake.read(beside, wanted.name) if beside is not None else None
