"""Inspection: many entries, each by itself, on all processors.

What it takes is the check of each signature, for which a thread does not hold up the others: while
some are checked, the next are read.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from storage.ledger.trust import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storage.ledger.checkpoint import Known
    from storage.ledger.entry import Slot

BATCH: Final = 256
"""Fewer are inspected at once, without a thread."""
AHEAD: Final = 32
"""So many batches at most are read and wait."""
MOST_THREADS: Final = 8


def inspect_each(slots: Iterable[tuple[Slot, str]]) -> Iterator[Known]:
    """Yield each entry and what is wrong with it by itself, in the order in which they come.

    Parameters
    ----------
    slots
        Each as it was read, and the id of its ledger: what `storage.ledger.trust.inspect` takes.
    """
    coming = iter(slots)
    first = list(islice(coming, BATCH))
    if len(first) < BATCH:
        yield from _inspect(first)
        return
    waiting: deque[Future[list[Known]]] = deque()
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        for batch in chain([first], iter(lambda: list(islice(coming, BATCH)), [])):
            waiting.append(pool.submit(_inspect, batch))
            if len(waiting) > AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _inspect(slots: list[tuple[Slot, str]]) -> list[Known]:
    return [(slot.entry, inspect(slot, ledger)) for slot, ledger in slots]
