"""Taint: what a prompt, a model or an assistant began can never end in a signal.

A run carries who asked for it, its road, on its trial and in its outcome. Only roads that a person
set up are followed: what they typed, and the studies that they put where the clock and events find
them. A run by any other road is computed, counted, recorded and may be proposed, and there it ends:
it publishes nothing, writes no figure of a paper account, moves no stage, and wakes no other study.

A TaskSpec that was drafted by a model is a file like any other; nothing that a model reaches writes
one. Whoever saves a draft and then runs it, or puts it among the workspace's studies, makes it
theirs by that act.
"""

from __future__ import annotations

from typing import Final

FOLLOWED: Final = frozenset({"command", "clock", "event"})
"""Roads that a person set up; every other one, and one that is made later, is tainted."""


def is_tainted(road: str) -> bool:
    """Whether a run by this road may not touch what follows a strategy.

    Examples
    --------
    >>> [is_tainted(road) for road in ("command", "mcp", "prompt", "research", "Command", "")]
    [False, True, True, True, True, True]
    """
    return road not in FOLLOWED
