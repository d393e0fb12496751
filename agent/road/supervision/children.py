"""The child processes of this one: which are stopped, and none is left a zombie."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

STATES = {"T": "stopped", "t": "stopped"}
"""What of the kernel's letters is worth a word: who waits for these waits for ever."""


def reap() -> None:
    """Take leave of worker processes that have ended; it is a side effect of asking for them."""
    multiprocessing.active_children()


def troubled_children() -> dict[int, str]:
    """Return the children that are stopped, with a word; none where that is not known."""
    troubled = {}
    for pid, letter in _children().items():
        if said := STATES.get(letter, ""):
            troubled[pid] = said
    return troubled


def _children() -> dict[int, str]:
    """Return the state of each child, as the Linux kernel tells it."""
    found = {}
    for listed in Path("/proc/self/task").glob("*/children"):
        try:
            pids = [int(text) for text in listed.read_text().split()]
        except OSError:
            continue
        for pid in pids:
            try:
                after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[1]) == os.getpid():
                found[pid] = after_name[0]
    return found
