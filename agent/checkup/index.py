"""A look at the index: its folder is as it was left, its server answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checkup.finding import NOT_YET, PATIENCE_S, Finding
from agent.checkup.questions import mend
from agent.checkup.servers import ask_index
from configs.endpoints.url import without_secrets
from configs.errors import Busy
from configs.numbers import file_size

if TYPE_CHECKING:
    from pathlib import Path

    from storage.open import Stores

WHAT = "index"


def examine_index(stores: Stores) -> Finding:
    """Say whether the index is there, as it was left, and answers."""
    from storage.open import index_folder

    shown = without_secrets(stores.settings.index)
    folder = index_folder(stores.settings, stores.workspace)
    return _server(stores, shown) if folder is None else _folder(folder, shown)


def _server(stores: Stores, shown: str) -> Finding:
    from storage.open import open_index

    if said := ask_index(stores):
        return Finding(WHAT, "wrong", f"{shown}: {said}", mend(said))
    with open_index(stores.settings, stores.workspace) as index:
        return Finding(WHAT, "ok", f"{shown}: {index.count():,} passages")


def _folder(folder: Path, shown: str) -> Finding:
    """Look without opening: that would make anew what is not as it was left."""
    from configs.keys.workspace import checkpoint_key
    from storage.index.local import WHAT as INDEX
    from storage.index.local import is_empty, is_sealed, lock_of
    from storage.locks import hold

    if is_empty(folder):
        return Finding(WHAT, "ok", f"{shown}: {NOT_YET}")
    try:
        with hold(lock_of(folder), what=INDEX, timeout_s=PATIENCE_S):
            whole = is_sealed(folder, checkpoint_key())
    except Busy:
        return Finding(WHAT, "note", f"{shown}: in use by another qraft command")
    if not whole:
        return Finding(WHAT, "note", f"{shown}: not as qraft left it; its next use makes it anew")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Finding(WHAT, "ok", f"{shown}: {file_size(size)}")
