"""What the processes of live sources do when they are started: ``python -m agent.live.processes``.

Each ends when the process that started it does: its standard input closes then.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from configs.children import protect_this_process
from configs.errors import QraftError
from configs.output import logging, talk
from configs.settings import load_settings
from configs.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable


def run_flow(workspace: Workspace, name: str, stop: threading.Event) -> None:
    """Run the flow of a source on its journal's tail."""
    from agent.live.flow.flowing import Runner
    from agent.live.flow.making import shipped
    from agent.live.home import SourceHome
    from agent.live.telling import Teller
    from storage.journal.archive import Archive
    from storage.open import open_lake

    home, settings = SourceHome(workspace, name), load_settings(workspace)
    archive = Archive(open_lake(settings, workspace), name)
    teller = Teller(home, settings)
    teller.catch_up()
    runner = Runner(home, shipped(), older=archive, on_commit=lambda _, commit: teller.note(commit))
    try:
        with runner:
            runner.run(stop.is_set)
    except QraftError as error:
        runner.say_trouble(error)
        raise
    finally:
        teller.catch_up()


def run_projector(workspace: Workspace, _name: str, stop: threading.Event) -> None:
    """Load, seal and let go, for all sources of the workspace."""
    from agent.live.projection.projector import Projector

    Projector(workspace, load_settings(workspace)).run(stop)


def run_source(workspace: Workspace, name: str, stop: threading.Event) -> None:
    """Record a source and run its flow."""
    from agent.live.source import Wanted, run

    run(workspace, load_settings(workspace), name, stop, wanted=Wanted(projector=False))


PROCESSES: dict[str, Callable[[Workspace, str, threading.Event], None]] = {
    "flow": run_flow,
    "projector": run_projector,
    "source": run_source,
}


def main(arguments: list[str]) -> int:
    """Run one of :data:`PROCESSES` until told to stop; return its exit code."""
    protect_this_process()
    what, root, name = arguments
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_follow_parent, args=(stop,), daemon=True).start()
    with logging():
        try:
            PROCESSES[what](Workspace(Path(root)), name, stop)
        except QraftError as error:
            talk(f"{what} {name}: {error}", "error")
            return error.exit_code
    return 0


def _follow_parent(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
