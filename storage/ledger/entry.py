"""One entry of the ledger, and the bytes it is stored as."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.ledger.runner import Runner

FOLDER = "ledger"
GENESIS = "0" * 64
"""What the first entry names as its predecessor."""
PURPOSE = "qraft ledger entry 1"
"""Begins what a runner signs, so that no signature made for something else can be used here."""

VOID: Final = "void"
"""The kind under which an entry is read that counts for nothing; nobody can write one."""

LONGEST_BYTES = 16 * 2**20
"""What is longer is no entry, and is not read."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and hash: whoever keeps it can tell later what was cut off."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        """Render as ``12:9f2c...``, the way it is kept."""
        return f"{self.seq}:{self.hash}"


class Entry(NamedTuple):
    """What happened, who said so, and the hash that ties it to all before it.

    A named tuple, for a ledger has a hundred thousand of them.

    Attributes
    ----------
    seq
        Its number; the first is 1, none is left out.
    prev
        The hash of the entry before.
    kind
        One of `storage.ledger.bodies.BODIES`.
    at
        When it was written, UTC, ISO 8601 with microseconds.
    actor
        Who wrote it: a person's name, or the road a run came by.
    body
        JSON values.
    hash
        The sha256, in hex, of the canonical JSON of all else.
    key, signature
        The public key of the runner that wrote it, and its signature in hex; empty where no runner
        signed: in a ledger of the first edition, or where a person's signature in the body stands
        for the whole.
    """

    seq: int
    prev: str
    kind: str
    at: str
    actor: str
    body: Mapping[str, Any]
    hash: str
    key: str = ""
    signature: str = ""

    @property
    def path(self) -> str:
        """Where it is stored."""
        return path_of(self.seq)

    @property
    def head(self) -> Head:
        """The head of a ledger that ends with this entry."""
        return Head(self.seq, self.hash)

    def to_json(self) -> bytes:
        """Return the only bytes this entry may be stored as."""
        return canonical_json(_written(self)).encode()

    def statement(self, ledger: str) -> bytes:
        """Return what a runner signs: all of the entry, and the ledger that it belongs to.

        Parameters
        ----------
        ledger
            The ledger's id, which is the hash of its first entry; empty for that entry.
        """
        said = {n: v for n, v in _written(self).items() if n not in {"hash", "signature"}}
        return canonical_json({**said, "purpose": PURPOSE, "ledger": ledger}).encode()

    def voided(self) -> Entry:
        """Return it as it is read where it counts for nothing: at its place, without content."""
        return self._replace(kind=VOID, actor="", body={}, key="", signature="")


NAMES = Entry._fields
_SIGNED = {"key", "signature"}
_TEXTS = ("prev", "kind", "at", "actor", "hash", "key", "signature")


def path_of(seq: int) -> str:
    """Return where an entry is stored.

    Examples
    --------
    >>> path_of(42)
    'ledger/000000000042.json'
    """
    return f"{FOLDER}/{seq:012d}.json"


def follow(
    head: Head,
    *,
    kind: str,
    at: str,
    actor: str,
    body: Mapping[str, Any],
    runner: Runner | None = None,
    ledger: str = "",
) -> Entry:
    """Make the entry that comes after `head`.

    Parameters
    ----------
    runner
        Signs it, if one does.
    ledger
        The ledger's id; empty for the first entry.

    Raises
    ------
    ValueError, TypeError
        If `body` does not consist of JSON values.
    """
    # What is hashed is what a reader will see: tuples are lists and keys are strings by then.
    plain = json.loads(canonical_json(dict(body)))
    entry = Entry(
        head.seq + 1, head.hash, kind, at, actor, plain, "", runner.public if runner else ""
    )
    if runner is not None:
        entry = entry._replace(signature=runner.sign(entry.statement(ledger)))
    return entry._replace(hash=_digest({n: v for n, v in _written(entry).items() if n != "hash"}))


@dataclass(frozen=True, slots=True)
class Slot:
    """What is stored under a number.

    Attributes
    ----------
    entry
        Read with care: what is no entry stands there as one without content.
    flaw
        Why it can never count; empty where nothing is wrong with its form.
    intact
        Whether its bytes are those that were written, as far as they can tell.
    rest
        Its canonical JSON but for the hash.
    """

    entry: Entry
    flaw: str = ""
    intact: bool = True
    rest: str = ""

    def statement(self, ledger: str) -> bytes:
        """Return what :meth:`Entry.statement` does, out of what was read: nothing is written twice.

        Names come in the order of the alphabet, and the last ones are texts, in which no quotation
        mark stands by itself: so the last place that looks like a name is that name.
        """
        end = len(self.rest) - len(f',"signature":"{self.entry.signature}"}}')
        prev, seq = self.rest.rfind(',"prev":', 0, end), self.rest.rfind(',"seq":', 0, end)
        return (
            f'{self.rest[:prev]},"ledger":"{ledger}"{self.rest[prev:seq]}'
            f',"purpose":"{PURPOSE}"{self.rest[seq:end]}}}'
        ).encode()


def read_slot(raw: bytes, seq: int, before: str) -> Slot:
    """Read what is stored under a number; whatever it is, it stops nothing.

    What is no entry, or was changed, is named by its bytes and all that comes before it: whoever
    writes after it chains on that, so that a planted line takes a number and nothing else, and
    nothing before it can be replaced.

    Parameters
    ----------
    before
        The hash of the entry before it; empty where that is not there.
    """
    junk = Entry(seq, "", VOID, "", "", {}, hashlib.sha256(before.encode() + raw).hexdigest())
    try:
        value = json.loads(raw)
        text = canonical_json(value)
        known = value.keys() <= set(NAMES) and value.keys() >= set(NAMES) - _SIGNED
        typed = isinstance(value["seq"], int) and all(
            isinstance(value.get(name, ""), str) for name in _TEXTS
        )
        rest = _unhashed(value, text, typed)
        same = text.encode() == raw and value["hash"] == _sha256(rest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Slot(junk, "it is no entry", intact=False)
    if not (known and same):
        return Slot(junk, "it was changed after it was written", intact=False)
    if not typed or not isinstance(value["body"], dict):
        plain = junk._replace(hash=value["hash"], prev=str(value["prev"]))
        return Slot(plain, "its fields are not of the right types")
    return Slot(Entry(**value), rest=rest)


def read_slots(stored: Mapping[int, bytes]) -> dict[int, Slot]:
    """Read what is stored under many numbers, each as it comes after the one before."""
    slots: dict[int, Slot] = {}
    for seq, raw in sorted(stored.items()):
        before = slots.get(seq - 1)
        slots[seq] = read_slot(
            raw, seq, GENESIS if seq == 1 else before.entry.hash if before else ""
        )
    return slots


def _written(entry: Entry) -> dict[str, Any]:
    """Return the fields that are written: an entry of the first edition has no signature."""
    value = {name: getattr(entry, name) for name in NAMES}
    if not entry.key and not entry.signature:
        del value["key"], value["signature"]
    return value


def _unhashed(value: Mapping[str, Any], text: str, typed: bool) -> str:
    """Return an entry's canonical JSON but for its hash, out of that with it where that is sure."""
    said = f'"hash":"{value["hash"]}",'
    if not typed or (place := text.rfind(said)) < 0:
        return canonical_json({name: part for name, part in value.items() if name != "hash"})
    return text[:place] + text[place + len(said) :]


def _digest(rest: Mapping[str, Any]) -> str:
    return _sha256(canonical_json(rest))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
