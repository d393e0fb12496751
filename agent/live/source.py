"""One source at work: this process records, another runs its flow, one more projects."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from agent.live.children import child_part
from agent.live.flow.making import known
from agent.live.home import SourceHome
from agent.live.recording.connecting import connect
from agent.live.recording.recorder import Recorder
from agent.live.recording.reloading import Watched
from agent.road.supervision.part import Part
from configs.output import talk
from storage.journal.archive import Archive
from storage.open import open_lake
from tasks.sources.history.gaps import ask
from taskspecs.sources.catalogue import find
from taskspecs.sources.consent import require_consent

if TYPE_CHECKING:
    import threading

    from agent.live.recording.recorder import Connect
    from configs.output import Talk
    from configs.settings import Settings
    from configs.workspace import Workspace

LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which processes are wanted beside the one that records."""

    flow: bool = True
    projector: bool = True


def run(
    workspace: Workspace,
    settings: Settings,
    source: str,
    stop: threading.Event,
    *,
    wanted: Wanted = Wanted(),
    connector: Connect | None = None,
    say: Talk = talk,
) -> None:
    """Record a source, with its flow and a projector beside, until stopped or it has ended.

    Parameters
    ----------
    source
        Its name, or the path of its document.
    connector
        Default the one that the document asks for.

    Raises
    ------
    BadInput
        If there is no such source, or its document is not valid.
    Forbidden
        If it would reach what nobody agreed to.
    Busy
        If it is recorded already.
    """
    path = find(source, workspace)
    watched = Watched(path, known())
    require_consent(watched.spec, path)
    home = SourceHome(workspace, watched.spec.name)
    parts = _parts(home, wanted, stop)
    first = Archive(open_lake(settings, workspace), home.name).next_segment()
    recorder = Recorder(
        home, watched, connector or connect(workspace, settings),
        ask=partial(ask, say=say), first=first, say=say,
    )  # fmt: skip
    for part in parts:
        part.start()
    try:
        asyncio.run(_record(recorder, stop))
    finally:
        for part in parts:
            part.end()


def _parts(home: SourceHome, wanted: Wanted, stop: threading.Event) -> list[Part]:
    root = str(home.workspace.root)
    parts = []
    if wanted.flow:
        parts.append(Part(f"flow of {home.name}", child_part("flow", root, home.name), stop))
    if wanted.projector:
        parts.append(Part("projector", child_part("projector", root, ""), stop))
    return parts


async def _record(recorder: Recorder, stop: threading.Event) -> None:
    """Record in this thread's loop; stop when the event is set."""
    recording = asyncio.create_task(recorder.run())
    while not recording.done():
        if stop.is_set():
            recorder.stop()
        await asyncio.wait([recording], timeout=LOOK_S)
    recording.result()
