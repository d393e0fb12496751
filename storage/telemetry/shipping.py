"""The thread that sends telemetry for as long as a command lasts."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from configs.settings import Settings
    from configs.workspace import Workspace

LOOK_S = 1.0
LONGEST_PAUSE_S = 60.0
LEAVE_S = 2.0
"""A command that is done waits no longer for its last lines; the next one sends them."""


@dataclass
class Counts:
    """What has become of telemetry."""

    sent: int = 0
    left_out: int = 0
    failures: int = 0
    waiting_bytes: int = 0
    thread: threading.Thread | None = None
    """Sends; None where telemetry goes to no server."""


@contextmanager
def shipping(
    workspace: Workspace, settings: Settings, *, say: Callable[[str], None]
) -> Iterator[Counts]:
    """Send telemetry in the background, if the settings name a server.

    One process of a workspace sends at a time. A server that is away is said once, and tried again,
    less and less often.

    Raises
    ------
    BadInput
        If the server's URL cannot be read.
    """
    counts = Counts()
    if not settings.telemetry.startswith("openobserve://"):
        yield counts
        return
    from storage.telemetry.openobserve import parse_stream

    stream = parse_stream(settings.telemetry)
    ended = threading.Event()

    def ship() -> None:
        from configs.errors import Busy
        from storage.telemetry.openobserve import Sender

        workspace.locks.mkdir(parents=True, exist_ok=True)
        sender = Sender(stream, workspace)
        pause = LOOK_S
        while True:
            last = ended.is_set()
            try:
                with hold(workspace.locks / "telemetry.lock", what="telemetry", timeout_s=0.05):
                    batch = sender.send()
                counts.sent += len(batch.events)
                counts.left_out += batch.left_out
                counts.waiting_bytes = batch.waiting_bytes
                pause = LOOK_S
                if batch.events and batch.waiting_bytes:
                    continue
            except Busy:
                pause = LOOK_S
            except OSError as error:
                if not counts.failures:
                    say(f"{error}; it is kept and sent later")
                counts.failures += 1
                pause = min(2.0 * pause, LONGEST_PAUSE_S)
            if last:
                break
            ended.wait(pause)
        sender.close()

    thread = counts.thread = threading.Thread(target=ship, name="telemetry", daemon=True)
    thread.start()
    try:
        yield counts
    finally:
        ended.set()
        thread.join(LEAVE_S)
