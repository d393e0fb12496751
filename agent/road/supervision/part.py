"""One part of a long-running command, in a thread of its own, begun anew whenever it ends."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from typing import TYPE_CHECKING, Literal

from agent.road.supervision.pulse import Pulse
from configs.output import talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from configs.output import Talk

State = Literal["starting", "running", "waiting", "ended"]

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
HEALTHY_S = 60.0
"""A part that lived so long may fail again without a longer pause."""
LOOP_RESTARTS, LOOP_S = 5, 600.0
"""That many restarts within so many seconds are a crash loop."""
FRESH_S = 30.0
_LIVING: list[Part] = []
_LOCK = threading.Lock()


class Part:
    """Work that goes on until it is told to stop.

    Parameters
    ----------
    name
        What people call it.
    work
        Is given the event that tells it to stop, and asks it or waits for it every now and then:
        that is its sign of life. If it returns or raises before, it is begun anew, each time later.
    fresh_s
        Seconds without a sign of life after which it counts as hung.
    may_return
        Whether the work may be done before it is told to stop.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[threading.Event], None],
        stop: threading.Event,
        *,
        say: Talk = talk,
        fresh_s: float = FRESH_S,
        first_pause_s: float = FIRST_PAUSE_S,
        may_return: bool = False,
    ) -> None:
        self.name = name
        self.state: State = "starting"
        self.restarts = 0
        self.error = ""
        """Why it ended the last time."""
        self.fresh_s = fresh_s
        self.pulse = Pulse(stop)
        self._work = work
        self._say = say
        self._first_pause_s = first_pause_s
        self._may_return = may_return
        self._ends: deque[float] = deque(maxlen=LOOP_RESTARTS)
        self._thread = threading.Thread(target=self._keep_running, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        with _LOCK:
            _LIVING.append(self)
        self._thread.start()

    def end(self, timeout_s: float | None = None) -> None:
        """Tell it to stop, and wait for it."""
        self.pulse.set()
        self._thread.join(timeout_s)

    def lives(self) -> bool:
        """Whether its thread has not ended."""
        return self._thread.is_alive()

    def in_crash_loop(self) -> bool:
        """Whether it has failed again and again of late."""
        full = len(self._ends) == LOOP_RESTARTS
        return full and time.monotonic() - self._ends[0] < LOOP_S

    def trouble(self) -> str:
        """Say what is wrong with it; nothing if all is well."""
        if self.state == "ended":
            return ""
        if not self._thread.is_alive() and self.state != "starting":
            return "its thread is gone"
        if self.state == "waiting":
            again = "fails again and again" if self.in_crash_loop() else "failed"
            return f"it {again}, and is begun anew: {self.error}"
        if self.in_crash_loop():
            return f"it fails again and again: {self.error}"
        silent_s = self.pulse.silent_s()
        return f"it hangs: no sign of life for {silent_s:.0f} s" if silent_s > self.fresh_s else ""

    def _keep_running(self) -> None:
        failures = 0
        while not self.pulse.is_set():
            began = time.monotonic()
            self.state = "running"
            self.error = self._attempt()
            if self.pulse.is_set() or (self._may_return and not self.error):
                break
            failures = 1 if time.monotonic() - began >= HEALTHY_S else failures + 1
            pause_s = min(self._first_pause_s * 2.0 ** (failures - 1), LONGEST_PAUSE_S)
            self.state = "waiting"
            self.restarts += 1
            looped = self.in_crash_loop()
            self._ends.append(time.monotonic())
            self._say(f"{self.name} {self.error}; begun anew in {pause_s:.0f} s", "error")
            if self.in_crash_loop() and not looped:
                self._say(f"{self.name} is in a crash loop: {LOOP_RESTARTS} times of late", "error")
            self.pulse.wait(pause_s)
        self.state = "ended"
        with _LOCK:
            _LIVING.remove(self)

    def _attempt(self) -> str:
        """Work, and return why that ended."""
        try:
            self._work(self.pulse)
        except BaseException as error:
            from configs.errors import QraftError

            if isinstance(error, QraftError):
                return f"failed: {str(error).splitlines()[0]}"
            return f"broke: {type(error).__name__}: {error}, {_where(error)}"
        return "" if self._may_return else "ended by itself"


def living() -> list[Part]:
    """Return the parts of this process that were begun and not told to end."""
    with _LOCK:
        return list(_LIVING)


def _where(error: BaseException) -> str:
    """Return the place in the source where an error arose, for a report of it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"at {frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
