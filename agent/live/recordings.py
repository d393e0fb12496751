"""Recordings, and what is made of them again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.live.flow.commits import TABLES, table
from agent.live.flow.making import shipped
from agent.live.flow.replaying import replay
from agent.live.home import SourceHome, sources_here
from configs.errors import BadInput, did_you_mean
from configs.remedies import Mend
from storage.journal.archive import Archive
from storage.journal.folder import JournalFolder

if TYPE_CHECKING:
    import polars as pl

    from configs.workspace import Workspace
    from storage.lake.lake import Lake


def need_journal(home: SourceHome) -> SourceHome:
    """Return the folders of a source that was recorded.

    Raises
    ------
    BadInput
        If nothing was, with near names.
    """
    if home.journal.numbers():
        return home
    raise BadInput(
        f"nothing of `{home.name}` was recorded here",
        hint=did_you_mean(home.name, sources_here(home.workspace)),
        remedy=Mend.RUN_STREAM(source=home.name),
    )


def replay_to(workspace: Workspace, lake: Lake, source: str, folder: Path | None) -> dict[str, Any]:
    """Replay a source, or a folder that holds a journal's segments; write what comes of it.

    Returns
    -------
    dict
        `records`, and of each table its `rows` and its digest; `per_cpu_s` records a second of
        processor time.
    """
    made: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
    recording, older = _recording(workspace, lake, source)
    began = time.process_time()
    keep = None if folder is None else _keeper(made)
    done = replay(recording, shipped(), older=older, on_outputs=keep)
    spent = time.process_time() - began
    if folder is not None:
        _write(folder, made)
    return {
        "records": done.records,
        "rows": {name: done.digests.rows[name] for name in TABLES},
        "digests": done.digests.hex(),
        "per_cpu_s": done.records / spent if spent else 0.0,
    }


def _recording(
    workspace: Workspace, lake: Lake, source: str
) -> tuple[JournalFolder, Archive | None]:
    path = Path(source).expanduser()
    if path.is_dir() and JournalFolder(path).numbers():
        return JournalFolder(path.resolve()), None
    home = need_journal(SourceHome(workspace, source))
    return home.journal, Archive(lake, home.name)


def _keeper(made: dict[str, list[pl.DataFrame]]) -> Any:
    def keep(_place: object, outputs: Any) -> None:
        for name, frames in made.items():
            frame = table(outputs, name)
            if not frame.is_empty():
                frames.append(frame)

    return keep


def _write(folder: Path, made: dict[str, list[pl.DataFrame]]) -> None:
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    for name, frames in made.items():
        if frames:
            pl.concat(frames, how="diagonal").write_parquet(folder / f"{name}.parquet")
