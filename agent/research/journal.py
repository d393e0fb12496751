"""The journal of a research: a line before each step and a line after it, never rewritten."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from configs.errors import Damaged
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from pathlib import Path


class Journal:
    """An append-only file of JSON lines, on the disk before :meth:`write` returns.

    Parameters
    ----------
    path
        The file; what is there is read. A last line that a kill cut off was never answered for: it
        is passed over, and cut away by the next line.

    Raises
    ------
    Damaged
        If a line before the last is no JSON.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[dict[str, Any]] = []
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                self.lines.append(json.loads(line))
            except ValueError as error:
                raise Damaged(
                    f"line {number} of {path} is no JSON", hint="move the file away to begin anew"
                ) from error
        self._torn_at = len(whole) if len(whole) < len(raw) else None

    def write(self, step: str, **content: Any) -> None:
        """Append a line."""
        line = {"step": step, **content}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._torn_at is not None:
            os.truncate(self._path, self._torn_at)
            self._torn_at = None
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, canonical_json(line).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.lines.append(line)

    def of(self, step: str) -> list[dict[str, Any]]:
        """Return the lines of a kind of step, the oldest first."""
        return [line for line in self.lines if line["step"] == step]
