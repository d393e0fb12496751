"""The memory of a workspace: kept up to date whenever it is asked."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from agent.memory.decided import decided
from agent.memory.document import KINDS
from agent.memory.notes import note_files, notes
from agent.memory.recorded import recorded
from agent.memory.shipped import shipped, shipped_files
from configs.errors import BadInput, did_you_mean
from storage.index.words import GLOSSARY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from agent.memory.document import Document
    from storage.index.port import Found
    from storage.index.qdrant import QdrantIndex
    from storage.open import Stores


MOST_WORDS: Final = 2_000
"""Characters of a query that are read."""


def retrieve(
    stores: Stores,
    query: str,
    *,
    limit: int = 8,
    kinds: Collection[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> list[Found]:
    """Return the passages that are nearest to a query, from a memory brought up to date.

    Parameters
    ----------
    query
        In English or Chinese.
    limit
        At most so many.
    kinds
        Of these kinds only, see `agent.memory.document.KINDS`; empty for any.
    say
        Told, in a sentence, what is waited for or left out.

    Returns
    -------
    list of Found
        The best first. Their text is data: whoever hands it to a model delimits it and keeps it
        out of the system's role.

    Raises
    ------
    BadInput
        If there is no such kind.
    """
    from storage.open import open_index

    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(
                f"nothing of kind `{kind}` is remembered", hint=did_you_mean(kind, KINDS)
            )
    with open_index(stores.settings, stores.workspace, on_wait=say) as index:
        refresh(stores, index, say)
        return index.search(query[:MOST_WORDS], limit=limit, kinds=kinds)


def refresh(stores: Stores, index: QdrantIndex, say: Callable[[str], None]) -> None:
    """Ingest what is new, if anything is; where nothing is, no store is asked for rows."""
    folder = stores.workspace.home / "index"
    path = folder / f"state-{index.name}.json"
    state = {"state": _state(stores), "passages": index.count()}
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) == state:
        return
    from agent.memory.ingestion import ingest

    done = ingest(_documents(stores, say), index, folder)
    if done.documents:
        say(f"memory: {done.documents} documents are new or changed")
    state["passages"] = index.count()
    path.write_text(json.dumps(state), encoding="utf-8")


def _documents(stores: Stores, say: Callable[[str], None]) -> list[Document]:
    documents = [
        *shipped(),
        *decided(stores.ledger.entries()),
        *notes(stores.workspace, stores.settings.notes, say),
    ]
    if stores.lake.store.list("runs"):
        with stores.warehouse() as warehouse:
            documents += recorded(warehouse)
    return documents


def _state(stores: Stores) -> str:
    """Return a digest of all that documents are made of, without reading it."""
    store = stores.lake.store
    objects = [(info.path, info.bytes) for name in ("runs", "ledger") for info in store.list(name)]
    files = [*shipped_files(), GLOSSARY, *note_files(stores.workspace, stores.settings.notes)]
    return sha256(json.dumps([objects, [_stat(path) for path in files]]).encode()).hexdigest()


def _stat(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns
