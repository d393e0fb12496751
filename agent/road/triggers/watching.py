"""Tell of files that are put into a folder, for as long as someone listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.road.triggers.background import background
from agent.road.triggers.dropped import Folder
from configs.errors import QraftError
from configs.output import talk

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

    from storage.events.outbox import Outbox

LOOK_S = 1.0
LOOKED_AT = ""
"""In place of a file's name: this folder was looked at before."""


@contextmanager
def watching(folder: Path, outbox: Outbox) -> Iterator[None]:
    """Look at a folder in the background, as long as the block lasts.

    What was seen is kept with what is told of it, so that a file that comes while nobody looks, or
    whose listener is killed, is told by the next one.
    """
    name = folder.name
    files = Folder(folder, outbox.known_files(name))
    # A folder that was empty is known as such: what comes while nobody looks is new.
    known = {LOOKED_AT: (0, 0), **files.known}
    outbox.keep_files(name, [], [(file, *state) for file, state in known.items()])

    def look(ended: threading.Event) -> None:
        trouble = ""
        while not ended.wait(LOOK_S):
            try:
                arrived = files.arrived()
                if arrived:
                    states = [(event.payload["name"], *state) for event, state in arrived]
                    outbox.keep_files(name, [event for event, _ in arrived], states)
                for event, state in arrived:
                    files.told(event.payload["name"], state)
                trouble = ""
            except (OSError, QraftError) as error:
                if str(error) != trouble:
                    trouble = str(error)
                    talk(f"{folder} could not be watched: {error}")

    with background("watching", look):
        yield
