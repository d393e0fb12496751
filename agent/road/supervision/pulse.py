"""A sign of life: whoever asks whether to stop shows that it lives."""

from __future__ import annotations

import threading
import time


class Pulse(threading.Event):
    """The event by which a part is told to stop; to look at it, or to wait for it, is a heartbeat.

    So any loop that can be stopped can be watched, with nothing said in it about watching.

    Parameters
    ----------
    stop
        Tells the part's owner to stop; the part stops with it.
    """

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop
        self._expected = time.monotonic()

    def is_set(self) -> bool:
        """Whether to stop."""
        self.beat()
        return super().is_set() or self._stop.is_set()

    def set(self) -> None:
        """Stop this part alone."""
        super().set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until told to stop, at most so many seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = SLICE_S if deadline is None else min(SLICE_S, deadline - time.monotonic())
            if left <= 0:
                return False
            super().wait(left)
        return True

    def beat(self) -> None:
        """Show life."""
        self._expected = time.monotonic()

    def silent_s(self) -> float:
        """Return for how many seconds there was no sign of life."""
        return time.monotonic() - self._expected


SLICE_S = 0.25
"""Either event ends a wait within that."""
