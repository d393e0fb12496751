"""Verifying a bundle: every byte held against the entries, and the entries against who is believed.

Nothing but the bundle is read, and one thing that must come from elsewhere: which runner began the
ledger. From it follows who else is believed, by entries that count.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from configs.keys.public import signature_fits
from gate.bundle.container import CutOff, Malformed, read_members
from gate.bundle.contents import (
    ENTRIES,
    EVIDENCE,
    FORMAT,
    INDEX,
    SIGNATURES,
    read_entries,
    references,
    told,
)
from gate.bundle.exporting import RUNNER, signed_bytes
from storage.ledger.entry import GENESIS, Head, read_slot, read_slots
from storage.ledger.inspection import inspect_each
from storage.ledger.trust import judge
from storage.ledger.verification import verify
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from storage.ledger import Entry
    from storage.ledger.trust import Trust

Fault = Literal[
    "cut off", "malformed", "tampered", "missing", "forked", "foreign signer", "other ledger",
]  # fmt: skip
_FAULTS: Final[Mapping[str, Fault]] = {
    "changed": "tampered", "missing": "missing", "reordered": "tampered", "unchained": "tampered",
    "truncated": "cut off", "rewritten": "forked", "foreign": "malformed",
}  # fmt: skip
"""By what is wrong with a ledger: what that is called of a bundle."""
_MOST_SIGNATURES = 50


class Trouble(NamedTuple):
    """Something that is wrong with a bundle.

    Attributes
    ----------
    fault
        ``cut off``: its end, or the ledger's, is missing. ``malformed``: it is not written as
        bundles are. ``tampered``: what is there is not what was signed, or written. ``missing``: an
        entry, or a file that it has, is not there. ``forked``: it goes on in another way than a
        head that was kept. ``foreign signer``: nobody known signed it. ``other ledger``: it is not
        the ledger that was asked for.
    """

    fault: Fault
    where: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a bundle holds.

    Attributes
    ----------
    troubles
        What is wrong; with nothing, the bundle is whole and by somebody known.
    ledger, head, founder
        Which ledger, up to where, and the runner that began it.
    signed_by
        Whose signatures of the index hold.
    entries
        As they are to be read.
    void
        Entries that count for nothing, and why.
    gone
        Files that entries name and that were gone as it was made: that is no fault of the bundle.
    """

    troubles: tuple[Trouble, ...]
    ledger: str = ""
    head: str = ""
    founder: str = ""
    signed_by: tuple[str, ...] = ()
    entries: Sequence[Entry] = ()
    void: Mapping[int, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.troubles


def fingerprint_of(key: str) -> str:
    """Return the fingerprint of a runner's key, as it is given on the command line."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def verify_bundle(raw: bytes, *, root: str | None, heads: Sequence[Head] = ()) -> Found:
    """Hold a bundle against itself, and against what is known from elsewhere.

    Parameters
    ----------
    root
        The key, or its fingerprint, of the runner that began the ledger; none where whatever the
        bundle says is believed.
    heads
        Heads of the ledger that were kept elsewhere.
    """
    try:
        members = read_members(raw)
        index = _index_of(members)
        stored = read_entries(members[ENTRIES])
    except CutOff as error:
        return Found((Trouble("cut off", "the file", str(error)),))
    except (Malformed, ValueError, KeyError, TypeError, RecursionError) as error:
        return Found((Trouble("malformed", "the file", f"no bundle: {error}"),))
    head = _head(index["head"])
    verdict = verify(stored, heads=[head, *heads])
    troubles = [Trouble(_FAULTS[p.fault], p.path, p.meaning) for p in verdict.problems]
    troubles += _beyond(stored, head)
    trust, entries, void = _believed(stored)
    troubles += _of_ledger(index, stored, trust, root)
    signed_by, foreign = _signers(members, index, trust, head.seq)
    troubles += [*foreign, *_unlisted(members, index), *_untold(members, entries, trust)]
    gone, lacking = _evidence(members, index, entries)
    return Found(
        (*troubles, *lacking), index["ledger"], index["head"], trust.founder,
        tuple(signed_by), entries, void, tuple(gone),
    )  # fmt: skip


def _index_of(members: Mapping[str, bytes]) -> dict[str, Any]:
    """Read the index, whose bytes are canonical; its fields are of the right types."""
    value: dict[str, Any] = json.loads(members[INDEX])
    if canonical_json(value).encode() != members[INDEX] or value["format"] != FORMAT:
        raise ValueError("its index is not written as indexes are")
    if list(members) != [INDEX, SIGNATURES, *sorted(set(members) - {INDEX, SIGNATURES})]:
        raise ValueError("its files are in another order")
    texts = ("ledger", "head", "at", "strategy", "founder")
    typed = all(isinstance(value[name], str) for name in texts)
    if not typed or not isinstance(value["files"], dict) or not isinstance(value["evidence"], list):
        raise ValueError("its index has fields of other types")
    return value


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    return Head(int(seq) if seq.isdigit() else 0, digest)


def _beyond(stored: Mapping[int, bytes], head: Head) -> Iterator[Trouble]:
    if not head.seq or max(stored, default=0) > head.seq:
        yield Trouble("tampered", ENTRIES, f"there are entries after {head.seq}, where it ends")


def _believed(stored: Mapping[int, bytes]) -> tuple[Trust, list[Entry], dict[int, str]]:
    slots = read_slots(stored)
    ledger = slots[1].entry.hash if 1 in slots else ""
    known = inspect_each((slot, ledger if n > 1 else "") for n, slot in slots.items())
    return judge(list(known))


def _of_ledger(
    index: Mapping[str, Any], stored: Mapping[int, bytes], trust: Trust, root: str | None
) -> Iterator[Trouble]:
    first = read_slot(stored[1], 1, GENESIS).entry.hash if 1 in stored else ""
    if index["ledger"] != first:
        yield Trouble("other ledger", INDEX, "its entries are of another ledger than it names")
    if index["founder"] != trust.founder:
        yield Trouble("other ledger", INDEX, "it names another founder than its entries")
    if root is not None and root not in {trust.founder, fingerprint_of(trust.founder)}:
        began = trust.founder or "nobody known"
        yield Trouble("other ledger", INDEX, f"its ledger was begun by {began}")


def _signers(
    members: Mapping[str, bytes], index: Mapping[str, Any], trust: Trust, seq: int
) -> tuple[list[str], list[Trouble]]:
    """Return whose signatures of the index hold, and those that do not."""
    try:
        signed = _listed(members[SIGNATURES])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [], [Trouble("malformed", SIGNATURES, "its signatures cannot be read")]
    said = signed_bytes(members[INDEX])
    held, wrong = [], []
    for by, key, signature in signed:
        if not signature_fits(key, signature, said):
            wrong.append(Trouble("tampered", SIGNATURES, f"the signature of {by!a} does not fit"))
        elif not _knows(trust, by, key, index["at"], seq):
            wrong.append(Trouble("foreign signer", SIGNATURES, f"{by!a}, {key!a}, is not known"))
        else:
            held.append(by)
    if not wrong and RUNNER not in held:
        wrong.append(Trouble("foreign signer", SIGNATURES, "no runner signed it"))
    return held, wrong


def _listed(raw: bytes) -> list[tuple[str, str, str]]:
    """Read who signed; the bytes are canonical, so that none of them is without a meaning."""
    listed = json.loads(raw)
    signed = [(one["by"], one["key"], one["signature"]) for one in listed]
    texts = all(isinstance(text, str) for one in signed for text in one)
    canonical = canonical_json(
        [dict(zip(("by", "key", "signature"), one, strict=True)) for one in signed]
    )
    if not texts or canonical.encode() != raw or len(signed) > _MOST_SIGNATURES:
        raise ValueError("not written as signatures are")
    return signed


def _knows(trust: Trust, by: str, key: str, at: str, seq: int) -> bool:
    if trust.revoked.get(key, seq + 1) <= seq:
        return False
    try:
        return trust.knows(key, at) if by == RUNNER else trust.knows_person(by, key, seq + 1)
    except ValueError:
        return False


def _unlisted(members: Mapping[str, bytes], index: Mapping[str, Any]) -> Iterator[Trouble]:
    """Hold the files against the index that was signed."""
    there = {name: raw for name, raw in members.items() if name not in {INDEX, SIGNATURES}}
    for name in sorted(there.keys() | index["files"].keys()):
        if name not in there:
            yield Trouble("missing", name, f"{name} is not there")
            continue
        raw = there[name]
        said = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        if index["files"].get(name) != said:
            yield Trouble("tampered", name, f"{name} is not the file that was signed")


def _untold(
    members: Mapping[str, bytes], entries: Sequence[Entry], trust: Trust
) -> Iterator[Trouble]:
    """Hold what people read against what the entries say."""
    expected = told(entries, trust)
    there = {
        name: raw
        for name, raw in members.items()
        if name not in {INDEX, SIGNATURES, ENTRIES} and not name.startswith(f"{EVIDENCE}/")
    }
    for name in sorted(expected.keys() | there.keys()):
        if expected.get(name) != there.get(name):
            yield Trouble("tampered", name, f"{name} is not what the entries say")


def _evidence(
    members: Mapping[str, bytes], index: Mapping[str, Any], entries: Sequence[Entry]
) -> tuple[list[str], list[Trouble]]:
    """Return what was gone as the bundle was made, and what is wrong with the rest."""
    named = references(entries, index["strategy"])
    said = [
        {
            "entry": one.entry, "name": one.name, "sha256": one.sha256,
            "there": one.member in index["files"],
        }
        for one in named
    ]  # fmt: skip
    wrong, expected = [], {one.member for one in named}
    if said != index["evidence"]:
        wrong.append(Trouble("tampered", INDEX, "the evidence that it lists is not the entries'"))
    for name, raw in members.items():
        if name.startswith(f"{EVIDENCE}/"):
            digest = hashlib.sha256(raw).hexdigest()
            if name != f"{EVIDENCE}/{digest}" or name not in expected:
                wrong.append(Trouble("tampered", name, f"{name} is not what an entry names"))
    gone = [f"entry {one.entry}: {one.name}" for one in named if one.member not in index["files"]]
    return gone, wrong
