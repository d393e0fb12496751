"""A warm process that forks a research for each line on its input, and lets it die where told.

A line is JSON: ``runs``, the budget of trials, and ``at``, the number of the event before which the
child kills itself (what it opens, renames or links in the workspace, connections, and lines of the
journal written or synced are events; null for never).
For each line it writes the child's pid, and then how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import agent.research.journal
import agent.research.loop
from agent.research.project import ResearchService
from agent.research.session import Model
from configs.endpoints.llm import LlmSettings
from configs.settings import load_settings
from configs.workspace import Workspace

QUESTION = "does momentum work?"
STUDY = {
    "name": "idea",
    "data": {"source": "file", "path": "prices.csv"},
    "features": {"define": {"momentum": "$close / Ref($close, 20) - 1"}},
    "signal": {"expression": "$momentum"},
}


def arm(at: int, root: str) -> None:
    """Die before the n-th event, or within it where it is a line of the journal."""
    seen = 0

    def count() -> bool:
        nonlocal seen
        seen += 1
        return seen == at

    def hook(event: str, about: tuple[object, ...]) -> None:
        here = event == "socket.connect" or (
            event.startswith(("open", "os.")) and about and str(about[0]).startswith(root)
        )
        if here and count():
            os.kill(os.getpid(), signal.SIGKILL)

    write, sync = os.write, os.fsync

    def torn(descriptor: int, data: bytes) -> int:
        if count():
            write(descriptor, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(descriptor, data)

    def unsynced(descriptor: int) -> None:
        if count():
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    sys.addaudithook(hook)
    agent.research.journal.os = type("Dying", (), {**vars(os), "write": torn, "fsync": unsynced})


def research(root: Path, url: str, runs: int) -> None:
    """Do the research of this file, or go on with it."""
    agent.research.loop.PATIENCE = 1_000  # it goes on for as long as it is killed
    workspace = Workspace(root)
    llm = LlmSettings(model="openai:scripted", base_url=url, max_retries=0)
    model = Model(llm, workspace, None, lambda _: ())
    ResearchService(workspace, load_settings(workspace), lambda _: None).research(
        QUESTION, STUDY, budget_runs=runs, proposals=0, placebo=False, model=model
    )


def fork(root: Path, url: str, runs: int, at: int | None) -> None:
    pid = os.fork()
    if pid == 0:
        if at is not None:
            arm(at, str(root))
        ended = 1
        try:
            research(root, url, runs)
            ended = 0
        finally:
            sys.stderr.flush()
            os._exit(ended)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def main() -> None:
    import langchain_openai  # noqa: F401 - warm
    import numba  # noqa: F401 - warm

    root, url = Path(sys.argv[1]), sys.argv[2]
    for line in sys.stdin:
        told = json.loads(line)
        fork(root, url, told["runs"], told["at"])


if __name__ == "__main__":
    main()
