"""Tell of files that are put into a folder, for as long as someone listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.triggers.background import background
from agent.triggers.dropped import Folder
from configs.errors import QraftError
from configs.output import talk
from storage.events.envelope import EVENTS, to_bytes

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

    from storage.events.port import Bus

LOOK_S = 1.0


@contextmanager
def watching(folder: Path, bus: Bus, stop: threading.Event) -> Iterator[None]:
    """Look at a folder in the background, as long as the block lasts."""
    files = Folder(folder)

    def look(ended: threading.Event) -> None:
        while not (stop.is_set() or ended.wait(LOOK_S)):
            try:
                if arrived := files.arrived():
                    bus.publish(EVENTS, [to_bytes(event) for event in arrived])
            except (OSError, QraftError) as error:
                talk(f"{folder} could not be watched: {error}")

    with background("watching", look):
        yield
