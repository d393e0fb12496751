"""A test ends when it hangs, not when the machine is busy.

What hangs uses no processor time, or never stops using it. Neither depends on how many others
share the machine, as the time by the clock does: with ten processes for two cores, what takes a
minute takes ten, and is as right as before.
"""

from __future__ import annotations

import faulthandler
import math
import os
import sys
import threading
import time
from dataclasses import dataclass

import psutil
import pytest

LOOK_S = 5.0
IDLE_S = 600.0
"""So long a test may wait without that it, its children or the servers it started do anything."""
IDLE_SHARE = 0.002
"""What counts as doing nothing: polling for something that never comes takes a little, too."""
PROCESSOR_S = 1800.0
"""So much processor time a test may take, its children's included."""


@dataclass
class Watched:
    """The test that runs now; most are over before anybody looks at them."""

    name: str
    used: float = math.nan
    moved: float = math.nan
    moved_at: float = math.nan


class HangGuard:
    """Ends the process, with the stacks of all threads, when its test makes no progress."""

    def __init__(self) -> None:
        self._test: Watched | None = None
        self._lock = threading.Lock()
        self._stderr = os.dup(sys.__stderr__.fileno())
        threading.Thread(target=self._watch, name="hang-guard", daemon=True).start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        with self._lock:
            self._test = Watched(item.nodeid)
        try:
            return (yield)
        finally:
            with self._lock:
                self._test = None

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_S)
            with self._lock:
                why = judge(self._test, processor_s(), time.monotonic()) if self._test else ""
                if why and self._test:
                    self._end(f"\n{self._test.name}: {why}\n")

    def _end(self, why: str) -> None:
        os.write(self._stderr, why.encode())
        faulthandler.dump_traceback(self._stderr)
        for child in psutil.Process().children(recursive=True):
            child.kill()
        os._exit(70)


def judge(test: Watched, used: float, now: float) -> str:
    """Say why a test is to be ended, or nothing; notes its progress, first what it begins with."""
    if math.isnan(test.used):
        test.used, test.moved, test.moved_at = used, used, now
    if used - test.used > PROCESSOR_S:
        return f"used {used - test.used:.0f} s of processor time"
    # What ended unseen takes its time with it, and has moved all the same.
    if abs(used - test.moved) > IDLE_SHARE * IDLE_S:
        test.moved, test.moved_at = used, now
    if now - test.moved_at > IDLE_S:
        return f"did nothing for {now - test.moved_at:.0f} s"
    return ""


def processor_s() -> float:
    """Return the processor time of this process and its descendants, ended ones included."""
    total = 0.0
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
