"""The workspace's own secret: whoever holds it is believed to have written what it signs."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from configs.errors import BadInput, Damaged

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace

VARIABLE = "QRAFT_CHECKPOINT_KEY"
FILE = "checkpoint.key"
_BYTES = 32
_FEWEST_CHARACTERS = 16


def checkpoint_key(workspace: Workspace) -> bytes:
    """Return the key that seals checkpoints, made at its first use.

    It is read from ``QRAFT_CHECKPOINT_KEY`` if that is set, for machines that share a lake; else
    from ``.qraft/checkpoint.key``, which only its owner may read. Losing it costs a recomputation.

    Raises
    ------
    BadInput
        If the variable holds fewer than 16 characters.
    Damaged
        If the file holds no key.
    """
    if given := os.environ.get(VARIABLE):
        if len(given) < _FEWEST_CHARACTERS:
            raise BadInput(f"{VARIABLE} has fewer than {_FEWEST_CHARACTERS} characters")
        return given.encode()
    path = workspace.home / FILE
    if not path.exists():
        _create(path)
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise Damaged(f"{path} is no key", next_command=f"rm {path}   (the next run makes another)")
    return key


def _create(path: Path) -> None:
    """Create the file whole, with the owner alone allowed; another process's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
