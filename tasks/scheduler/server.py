"""The process of a workspace's own Luigi scheduler.

Started as ``python -m tasks.scheduler.server PORT STATE_FILE``, with its token as the first line of
its standard input. It listens on this machine only, answers whom `tasks.scheduler.access` lets, and
ends when its parent does: however the parent ended, the pipe that is its standard input closes.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

REPORTS = "reports"
"""The folder of the reports, beside the one of the scheduler."""
PORT_TAKEN = 98
"""The exit code that says that another program has the port."""

TEN_YEARS_S = str(10 * 365 * 24 * 3600)
SETTINGS = {
    "remove_delay": TEN_YEARS_S,  # finished runs stay to be looked at
    "stable_done_cooldown_secs": "0",  # a result that was deleted may be made again at once
    "retry_delay": "1",
    "pause_enabled": "false",  # a paused scheduler would leave runs waiting without a word
    "record_task_history": "false",
    "metrics_collector": "default",
}


def main(port: int, state: str) -> None:
    """Serve until told to stop."""
    import luigi.server
    from luigi import configuration

    from tasks.scheduler.access import Access
    from tasks.scheduler.choice import LOOPBACK
    from tasks.scheduler.guard import guarded
    from tasks.scheduler.settings import use_own_settings

    use_own_settings()
    config = configuration.get_config()
    for name, value in {**SETTINGS, "state_path": state}.items():
        config.set("scheduler", name, value)
    access = Access(port, _token())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _show_reports(Path(state).parents[1] / REPORTS)
    make: Any = luigi.server.app
    luigi.server.app = lambda scheduler: guarded(make(scheduler), access)
    try:
        luigi.server.run(api_port=port, address=LOOPBACK)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(PORT_TAKEN)
        raise


def _show_reports(folder: Path) -> None:
    """Let the pages link to the workspace's reports: a browser follows no link to a file."""
    import luigi.server
    from tornado.web import StaticFileHandler

    from tasks.scheduler.page_link import ADDRESS

    make_app: Any = luigi.server.app

    def app(scheduler: Any) -> Any:
        pages = make_app(scheduler)
        route = (rf"{ADDRESS}/([\w.@-]+\.html)", StaticFileHandler, {"path": str(folder)})
        pages.add_handlers(r".*", [route])
        return pages

    luigi.server.app = app


def _token() -> str:
    """Return what the parent says first; one that is gone already says nothing."""
    return sys.stdin.readline().strip() or sys.exit(0)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
