"""Work in the background, for as long as a block lasts."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.road.supervision.part import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def background(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run `work` in a thread; it is told by the event that it gets when the block has ended.

    It is a part of the process like others: seen in its health, and begun anew when it fails.
    """
    part = Part(name, work, threading.Event(), may_return=True)
    part.start()
    try:
        yield
    finally:
        part.end()
