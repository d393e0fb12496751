"""Which symbols are sold and which are bought at a step: qlib's TopkDropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def sliced(size: int, end: int) -> int:
    """Return the length of ``items[:end]``; a negative `end` counts from the back, as in Python."""
    return min(size, end) if end >= 0 else max(size + end, 0)


@compiled
def choose(ranked: Ints, held: Flags, topk: int, n_drop: int) -> tuple[Flags, Ints]:
    """Choose what is sold and what is bought.

    Parameters
    ----------
    ranked
        Columns that have a score, the best first.
    held
        For each column whether it is held.
    topk, n_drop
        How many are held, how many of them may be replaced.

    Returns
    -------
    tuple
        A flag for each column that is to be sold, and the columns to be bought, in their order.

    Notes
    -----
    Look-ahead: none; scores of a decision, and what is held when its orders are dealt.

    What is held without a score is worse than all that has one; among its like, the later column
    is the worse. More may be held than `topk`, where sales were not possible: then slices of
    negative length cut from the other end, in qlib and here.
    """
    columns = len(held)
    count = held.sum()
    fresh = ranked[~held[ranked]]
    today = fresh[: sliced(len(fresh), n_drop + topk - count)]
    place = np.arange(columns, 2 * columns)
    place[ranked] = np.arange(len(ranked))
    selling = np.zeros(columns, dtype=np.bool_)
    leaving = count
    if n_drop > 0 and count + len(today) > 0:
        both = np.concatenate((place[np.flatnonzero(held)], place[today]))
        both.sort()
        worst = both[max(len(both) - n_drop, 0)]
        selling = held & (place >= worst)
        leaving = selling.sum()
    return selling, today[: sliced(len(today), leaving + topk - count)]
