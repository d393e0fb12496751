"""The sources of a workspace kept running: a process for each, as its documents come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.live.children import child_part
from agent.live.flow.making import known
from agent.road.supervision.part import Part
from configs.errors import QraftError
from configs.output import talk
from taskspecs.sources.catalogue import own
from taskspecs.sources.consent import require_consent
from taskspecs.sources.load import load

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from configs.output import Talk
    from configs.workspace import Workspace

LOOK_S: Final = 2.0
END_S: Final = 30.0


class Sources:
    """Runs the sources that a workspace has documents of, each in a process of its own.

    Parameters
    ----------
    workspace
        Whose.
    """

    def __init__(self, workspace: Workspace, *, say: Talk = talk) -> None:
        self._workspace, self._say = workspace, say
        self._parts: dict[str, Part] = {}
        self._troubles: dict[str, str] = {}

    def work(self, stop: threading.Event) -> None:
        """Look after them until told to stop; a change within a document is its process's work."""
        try:
            while True:
                self._follow(own(self._workspace), stop)
                if stop.wait(LOOK_S):
                    return
        finally:
            for part in self._parts.values():
                part.pulse.set()
            for part in self._parts.values():
                part.end(END_S)
            self._parts.clear()

    def _follow(self, documents: dict[str, Path], stop: threading.Event) -> None:
        for name in set(self._parts) - set(documents):
            self._say(f"source {name}: its document is gone, and it is ended")
            self._parts.pop(name).end(END_S)
        for name, path in documents.items():
            if name not in self._parts and self._is_runnable(name, path):
                root = str(self._workspace.root)
                work = child_part("source", root, str(path))
                self._parts[name] = Part(f"source {name}", work, stop, say=self._say)
                self._parts[name].start()

    def _is_runnable(self, name: str, path: Path) -> bool:
        """Whether a document can be run; what is wrong is said once."""
        try:
            spec, _ = load(path, known())
            require_consent(spec, path)
        except QraftError as error:
            if self._troubles.get(name) != str(error):
                self._say(f"source {name} is not run: {error}", "error")
            self._troubles[name] = str(error)
            return False
        self._troubles.pop(name, None)
        return True


def projector_part(workspace: Workspace) -> Callable[[threading.Event], None]:
    """Return the work of the projector's process, which is begun once there is something to do."""
    from agent.live.home import sources_here

    child = child_part("projector", str(workspace.root), "")

    def work(stop: threading.Event) -> None:
        while not sources_here(workspace):
            if stop.wait(LOOK_S):
                return
        child(stop)

    return work
