"""What a bundle holds beside the entries: told from them, so that it can be held against them.

A reference is a file that an entry names by its digest. The rest is for people: what was shown to
those who approved, the versions of the policy, whose keys count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gate.approval.approvals import KIND as APPROVAL
from gate.evidence.assembling import STAGE_OF
from storage.lake.manifest import DatasetId
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.ledger import Entry
    from storage.ledger.trust import Trust

FORMAT: Final = "qraft bundle 1"
INDEX: Final = "index.json"
SIGNATURES: Final = "signatures.json"
ENTRIES: Final = "ledger/entries"
EVIDENCE: Final = "evidence"
_SHA256_LETTERS = 64


class Reference(NamedTuple):
    """A file that an entry names.

    Attributes
    ----------
    entry
        Its number.
    name
        What it is called there.
    sha256
        Its digest.
    result
        The result that it is of; none where the entry names a path.
    path
        Where it is in the lake, where the entry says so.
    """

    entry: int
    name: str
    sha256: str
    result: DatasetId | None = None
    path: str = ""

    @property
    def member(self) -> str:
        """Where it is in a bundle."""
        return f"{EVIDENCE}/{self.sha256}"


def references(entries: Sequence[Entry], strategy: str = "") -> list[Reference]:
    """Return the files that entries name, in their order.

    Parameters
    ----------
    strategy
        Only what was submitted for it; default everything.
    """
    runs = {
        entry.body["run_id"]
        for entry in entries
        if entry.kind in {"trial", "proposal"} and entry.body["strategy"] == strategy
    }
    found: list[Reference] = []
    for entry in entries:
        concerns = not strategy or entry.body.get("strategy") == strategy
        if entry.kind == "proposal" and concerns:
            found += _of_proposal(entry)
        elif entry.kind == "outcome":
            found += [one for run_id, one in _of_outcome(entry) if not strategy or run_id in runs]
        elif entry.kind == "signal" and concerns:
            path = entry.body["path"]
            found.append(Reference(entry.seq, path, entry.body["sha256"], path=path))
    return [one for one in found if _is_digest(one.sha256)]


def _of_proposal(entry: Entry) -> Iterator[Reference]:
    evidence = entry.body["evidence"]
    for name, sha256 in sorted(evidence.get("files", {}).items()):
        stage = STAGE_OF.get(name, "backtest")
        key = evidence.get("keys", {}).get(stage, "none")
        yield Reference(entry.seq, name, sha256, DatasetId("report", stage, key))


def _of_outcome(entry: Entry) -> Iterator[tuple[str, Reference]]:
    for ended in entry.body.get("outcomes", []):
        series = ended["returns"]
        if series is not None:
            where = DatasetId(series["zone"], series["stage"], series["key"])
            yield ended["run_id"], Reference(entry.seq, series["name"], series["sha256"], where)


def told(entries: Sequence[Entry], trust: Trust) -> dict[str, bytes]:
    """Return the files that are for people, by their names in a bundle."""
    files = {
        f"statements/{entry.seq:012d}.txt": entry.body["text"].encode()
        for entry in entries
        if entry.kind == APPROVAL and entry.body.get("text")
    }
    for version in trust.versions.all:
        files[f"policies/{version.number:06d}.json"] = _json(dict(version.document))
    return {**files, "keys.json": _json(_keys(trust))}


def _keys(trust: Trust) -> dict[str, Any]:
    current = trust.versions.current
    document = current.document if current else {}
    return {
        "founder": trust.founder,
        "people": document.get("keys", {}),
        "runners": document.get("runners", {}),
        "enrolled": dict(trust.enrolled),
        "revoked": dict(trust.revoked),
    }


def write_entries(stored: dict[int, bytes]) -> bytes:
    """Write entries as they are stored, each after a line with its number and length."""
    return b"".join(b"%d %d\n%b\n" % (seq, len(raw), raw) for seq, raw in sorted(stored.items()))


def read_entries(raw: bytes) -> dict[int, bytes]:
    """Read entries back.

    Raises
    ------
    ValueError
        If they are not as :func:`write_entries` writes them.
    """
    stored: dict[int, bytes] = {}
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at, at + 40)
        seq, length = (int(part) for part in raw[at:end].split(b" ")) if end > 0 else (0, 0)
        if seq in stored or seq < 1 or not 0 <= length <= len(raw):
            raise ValueError("its entries cannot be told apart")
        stored[seq] = raw[end + 1 : end + 1 + length]
        at = end + 1 + length + 1
    if write_entries(stored) != raw:
        raise ValueError("its entries are not in order, or something stands between them")
    return stored


def _json(value: Any) -> bytes:
    return canonical_json(value).encode() + b"\n"


def _is_digest(text: str) -> bool:
    return len(text) == _SHA256_LETTERS and not set(text) - set("0123456789abcdef")
