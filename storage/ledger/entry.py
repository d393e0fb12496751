"""One entry of the ledger, and the bytes it is stored as."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from configs.errors import Damaged
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "ledger"
GENESIS = "0" * 64
"""What the first entry names as its predecessor."""

VERIFY = "qraft gate verify"
"""The command that tells all that is wrong with a ledger."""

KINDS = frozenset(
    {
        "data",
        "seal",
        "trial",
        "outcome",
        "proposal",
        "check",
        "approval",
        "rejection",
        "promotion",
        "demotion",
        "halt",
        "resumption",
        "retirement",
        "paper",
        "signal",
        "holdout_opened",
        "key",
        "feedback",
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and hash: whoever keeps it can tell later what was cut off."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, who said so, and the hash that ties it to all before it.

    Attributes
    ----------
    seq
        Its number; the first is 1, none is left out.
    prev
        The hash of the entry before.
    kind
        One of `KINDS`.
    at
        When it was written, UTC, ISO 8601 with microseconds.
    actor
        Who wrote it: a person's name, or the road a run came by.
    body
        JSON values.
    hash
        The sha256, in hex, of the canonical JSON of all of the above.
    """

    seq: int
    prev: str
    kind: str
    at: str
    actor: str
    body: Mapping[str, Any]
    hash: str

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
        return canonical_json(asdict(self)).encode()


def path_of(seq: int) -> str:
    """Return where an entry is stored.

    Examples
    --------
    >>> path_of(42)
    'ledger/000000000042.json'
    """
    return f"{FOLDER}/{seq:012d}.json"


def follow(head: Head, *, kind: str, at: str, actor: str, body: Mapping[str, Any]) -> Entry:
    """Make the entry that comes after `head`.

    Raises
    ------
    ValueError, TypeError
        If `body` does not consist of JSON values.
    """
    # What is hashed is what a reader will see: tuples are lists and keys are strings by then.
    rest = json.loads(
        canonical_json(
            {
                "seq": head.seq + 1,
                "prev": head.hash,
                "kind": kind,
                "at": at,
                "actor": actor,
                "body": dict(body),
            }
        )
    )
    return Entry(**rest, hash=_digest(rest))


def read_entry(raw: bytes, path: str) -> Entry:
    """Read an entry; only the very bytes that were written are accepted.

    Raises
    ------
    Damaged
        If a byte differs from what its hash promises.
    """
    try:
        value = json.loads(raw)
        entry = Entry(**value)
        rest = {field.name: value[field.name] for field in fields(Entry) if field.name != "hash"}
        intact = entry.hash == _digest(rest) and entry.to_json() == raw
        intact = intact and isinstance(entry.body, dict)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Damaged(f"the ledger's {path} is no entry", next_command=VERIFY) from error
    if not intact:
        raise Damaged(f"the ledger's {path} was changed", next_command=VERIFY)
    return entry


def _digest(rest: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()
