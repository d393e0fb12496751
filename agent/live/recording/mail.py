"""Mail to a recorder: what other processes want written into a journal that only it may write.

A letter is a file. It is removed once it is in the journal, on the disk; a recorder that is killed
in between writes it twice, so whoever reads it in the journal goes by its `id`.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.live.home import read_json, write_json
from storage.journal.record import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LETTER: Final = re.compile(r"[0-9]{20}-[0-9a-f]{32}\.json")
ALLOWED: Final = frozenset({Kind.FEEDBACK, Kind.HISTORY})
"""Nobody but the recorder says what came from the source, and when."""


class Letter(NamedTuple):
    """One letter."""

    path: Path
    kind: Kind
    body: dict[str, Any]

    def record_body(self) -> bytes:
        """Return it as it stands in the journal."""
        return json.dumps(self.body, ensure_ascii=False, sort_keys=True).encode()


def send(folder: Path, kind: Kind, body: Mapping[str, Any]) -> str:
    """Leave a letter, on the disk when this returns; return its id."""
    ident = uuid.uuid4().hex
    name = f"{time.time_ns():020d}-{ident}.json"
    write_json(folder / name, {"kind": kind.name, "body": {**body, "id": ident}})
    return ident


def letters(folder: Path) -> Iterator[Letter]:
    """Iterate over the letters that wait, oldest first; what is none is removed."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if not _LETTER.fullmatch(path.name):
            continue
        value = read_json(path)
        kind, body = value.get("kind"), value.get("body")
        if kind in {each.name for each in ALLOWED} and isinstance(body, dict):
            yield Letter(path, Kind[kind], body)
        else:
            path.unlink(missing_ok=True)
