"""Fetching: a copy in the workspace of what a study reads from elsewhere.

Anyone who may write to the lake's bucket can drop a file into its raw zone; a study names it there.
Bars of a live source are made again from its journal, by its own flow. What identifies either is
its content, as with any source, so a file that is dropped again under the same name, or a source
that has grown, makes another run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean, in_spec
from storage.lake.objects import NotFound
from tasks.ingest.origin.sources import copy_of, fetched

if TYPE_CHECKING:
    from configs.workspace import Workspace
    from storage.lake.objects import ObjectStore
    from taskspecs.schema import DataSpec

ZONE = "raw"
MOST_BYTES = 4 * 2**30
"""Of a file; as much as a packed one may become."""


def fetch(data: DataSpec, workspace: Workspace, store: ObjectStore) -> None:
    """Bring the copy of a lake's object or a stream's bars up to date, in one step.

    Other sources need none.

    Raises
    ------
    BadInput
        If there is no such object or source, with those that there are.
    Unreachable
        If the lake does not answer.
    Damaged
        If the journal is not whole.
    """
    if data.path is None or data.source not in {"lake", "stream"}:
        return
    if data.source == "stream":
        from tasks.sources.recorded import recorded_bars

        content = recorded_bars(workspace, store, data.path)
    else:
        content = _object(data.path, store)
    copy = workspace.inside(fetched(copy_of(data)))
    if copy.is_file() and copy.read_bytes() == content:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(copy)


def _object(path: str, store: ObjectStore) -> bytes:
    try:
        return store.get(f"{ZONE}/{path}", most=MOST_BYTES)
    except NotFound as error:
        raise _missing(path, store) from error


def _missing(path: str, store: ObjectStore) -> BadInput:
    folder = path.rpartition("/")[0]
    there = [info.path.removeprefix(f"{ZONE}/") for info in store.list(f"{ZONE}/{folder}")]
    return BadInput(
        f"the lake has no {ZONE}/{path}",
        place=in_spec("data.path"),
        hint=did_you_mean(path, there) if there else f"nothing was dropped into {ZONE}/{folder}/",
    )
