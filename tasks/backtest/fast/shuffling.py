"""The order in which qlib's weight strategy deals: shuffled, always from the same seed."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = 32
"""Bits that Python's generator draws at a time."""
SPARE = 64


@lru_cache(maxsize=8)
def draws(columns: int) -> NDArray[np.int64]:
    """Return as many words of Python's generator, seeded by 0, as a shuffle may take.

    A draw is repeated while it is too large: with a probability below one half, so four words a
    place suffice by far.

    Parameters
    ----------
    columns
        How many places are shuffled.

    Returns
    -------
    numpy.ndarray
        Int64, 32 bits each, the same every time.

    Notes
    -----
    Look-ahead: none; no data are read.
    """
    generator = random.Random(0)  # noqa: S311 - qlib's seed, no secret
    return np.array([generator.getrandbits(WORD) for _ in range(4 * columns + SPARE)])


@compiled
def shuffled(items: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shuffle as ``random.Random(0).shuffle`` does.

    Parameters
    ----------
    items
        Int64, shape (n,).
    words
        From `draws` for at least n places.

    Returns
    -------
    numpy.ndarray
        A copy in another order.

    Notes
    -----
    Look-ahead: none; an order that depends on nothing but `n`.

    Examples
    --------
    >>> shuffled(np.arange(5), draws(5)).tolist()
    [2, 1, 0, 4, 3]
    """
    drawn = 0
    order = items.copy()
    for place in range(len(items) - 1, 0, -1):
        bits = 0
        while (place + 1) >> bits:
            bits += 1
        other = words[drawn] >> (WORD - bits)
        drawn += 1
        while other > place:
            other = words[drawn] >> (WORD - bits)
            drawn += 1
        order[place], order[other] = order[other], order[place]
    return order
