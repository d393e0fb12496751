"""The checkpoint: what this installation has seen of a ledger, kept outside every workspace.

It serves twice. It is the anchor: whoever cuts off, replaces or forks a ledger cannot reach it, so
each command that opens the ledger sees what was done. And it is the memory: entries that were read
and whose signatures were checked are not read again.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
from filelock import FileLock

from configs.errors import Forbidden
from storage.ledger.entry import Entry, Head
from storage.ledger.runner import make_private_folder, refuse_shared, state_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = "ledgers"
PIN, ENTRIES, LOCK = "pin.json", "entries.jsonl", "lock"

MOST_BRACKETS: Final = 64
"""A body of more is kept as text: how deep a parser goes depends on where it is called."""

_ROWS: Final = msgspec.json.Decoder(
    tuple[int, str, str, str, str, dict[str, Any] | str, str, str, str, str]
).decode_lines
"""An entry's fields as they come, and its flaw: without names they are read twice as fast."""

Known = tuple[Entry, str]
"""An entry, and what is wrong with it by itself."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What is known of a ledger at a place.

    Attributes
    ----------
    place
        Where it is, as a URL.
    ledger
        Its id: the hash of its first entry.
    seq, hash
        Its newest entry.
    founder
        The runner that began it; empty for a ledger of the first edition that is not migrated.
    bytes
        How much of the file of entries belongs to it.
    before
        Heads of ledgers that stood at this place before, and were given up.
    """

    place: str
    ledger: str
    seq: int
    hash: str
    founder: str = ""
    bytes: int = 0
    before: tuple[str, ...] = field(default=())

    @property
    def head(self) -> Head:
        """Its newest entry."""
        return Head(self.seq, self.hash)


class Checkpoint:
    """What is kept of the ledger at one place.

    Parameters
    ----------
    place
        Where the ledger is, as a URL without secrets.
    state
        The installation's folder; default :func:`storage.ledger.runner.state_folder`.
    """

    def __init__(self, place: str, state: Path | None = None) -> None:
        self.place = place
        self._all = (state or state_folder()) / FOLDER
        self._folder = self._all / hashlib.sha256(place.encode()).hexdigest()[:32]
        self._spoilt = False

    @property
    def name(self) -> str:
        """What the place is called where names must be short."""
        return self._folder.name

    def pin(self) -> Pin | None:
        """Return what is known of the ledger there; None where it was never seen.

        Raises
        ------
        Forbidden
            If somebody else could have written it.
        """
        if not (self._folder / PIN).exists():
            return None
        for place in (self._all, self._folder):
            refuse_shared(place)
        return _read_pin(self._folder / PIN)

    def entries(self, pin: Pin) -> list[Known]:
        """Return the entries that were read before; none where they are not all there."""
        try:
            with (self._folder / ENTRIES).open("rb") as file:
                raw = file.read(pin.bytes)
            known = _read_lines(raw)
        except (OSError, ValueError, RecursionError):
            known = []
        whole = len(known) == pin.seq and (not known or known[-1][0].hash == pin.hash)
        self._spoilt = not whole
        return known if whole else []

    def keep(self, pin: Pin, known: Sequence[Known]) -> None:
        """Keep what was read, unless another process has kept more.

        Parameters
        ----------
        pin
            Its `bytes` is found here.
        known
            All entries up to the pin's.
        """
        make_private_folder(self._all)
        make_private_folder(self._folder)
        with FileLock(self._folder / LOCK):
            kept = self.pin()
            same = kept is not None and kept.ledger == pin.ledger
            if same and kept is not None and not self._is_news(pin, kept):
                return
            if same and kept and kept.seq and known[kept.seq - 1][0].hash != kept.hash:
                return  # another process saw another ledger; the next command says so
            end = self._write(known, kept if same and not self._spoilt else None)
            self._spoilt = False
            before = pin.before or (kept.before if kept else ())
            whole = {**asdict(pin), "bytes": end, "before": before}
            _replace(self._folder / PIN, json.dumps(whole).encode())

    def _is_news(self, pin: Pin, kept: Pin) -> bool:
        """Whether a pin says more than the kept one, or its entries must be written anew."""
        if kept.seq == pin.seq:
            return self._spoilt or kept.founder != pin.founder
        return kept.seq < pin.seq

    def give_up(self, pin: Pin) -> None:
        """Forget the ledger that stood here, but for its head."""
        with FileLock(self._folder / LOCK):
            (self._folder / ENTRIES).unlink(missing_ok=True)
            gone = (*pin.before, f"{pin.ledger}@{pin.head}")
            rest = Pin(self.place, "", 0, "", before=gone)
            _replace(self._folder / PIN, json.dumps(asdict(rest)).encode())

    def others(self, ledger: str) -> list[Pin]:
        """Return what is known of the same ledger at other places: of copies, and of moved ones."""
        pins = (_read_pin(path) for path in sorted(self._all.glob(f"*/{PIN}")))
        return [pin for pin in pins if pin and pin.ledger == ledger and pin.place != self.place]

    def _write(self, known: Sequence[Known], start: Pin | None) -> int:
        """Write what is not there yet; return where it ends."""
        path = self._folder / ENTRIES
        size = path.stat().st_size if path.exists() else 0
        seq, offset = (start.seq, start.bytes) if start and size >= start.bytes else (0, 0)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(offset)
            file.seek(offset)
            for entry, flaw in known[seq:]:
                file.write(_line(entry, flaw))
            return file.tell()


def _line(entry: Entry, flaw: str) -> bytes:
    body = msgspec.json.encode(entry.body)
    deep = body.count(b"{") + body.count(b"[") > MOST_BRACKETS
    kept: Any = body.decode() if deep else msgspec.Raw(body)
    return msgspec.json.encode((*entry._replace(body=kept), flaw)) + b"\n"


def _read_lines(raw: bytes) -> list[Known]:
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand new objects, none of which is garbage
    try:
        return [
            (Entry(seq, prev, kind, at, actor, _body(body), name, key, signature), flaw)
            for seq, prev, kind, at, actor, body, name, key, signature, flaw in _ROWS(raw)
        ]
    finally:
        if collecting:
            gc.enable()


def _body(kept: dict[str, Any] | str) -> dict[str, Any]:
    if isinstance(kept, dict):
        return kept
    body: dict[str, Any] = json.loads(kept)
    return body


def _read_pin(path: Path) -> Pin | None:
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
        pin = Pin(**{**value, "before": tuple(value["before"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, FileNotFoundError):
            return None
        raise Forbidden(
            f"{path} cannot be read, so nobody can tell whether the ledger was cut off",
            hint="restore it, or take the ledger as it is: qraft gate heads accept",
        ) from error
    return pin


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
