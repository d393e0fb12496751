"""Forests of half-space trees, planted quickly."""

from __future__ import annotations

import gc
import pickle
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from river.anomaly import HalfSpaceTrees

if TYPE_CHECKING:
    from collections.abc import Iterator


def plant_forest(
    n_trees: int, height: int, window_bars: int, seed: int, fields: tuple[str, ...]
) -> Any:
    """Return a new `HalfSpaceTrees` over fields in [0, 1] that has learnt one bar, the centre of them all.

    River builds its trees when it learns the first bar, which takes as long as scoring a thousand.
    Equal arguments give equal trees, so they are built once and copied by pickle, in memory.

    Parameters
    ----------
    fields
        Names, sorted: the order in which River draws the splits.
    """
    with _collector_paused():
        return pickle.loads(  # noqa: S301 - our own bytes, never stored
            _seedling(n_trees, height, window_bars, seed, fields)
        )


@lru_cache(maxsize=8)
def _seedling(
    n_trees: int, height: int, window_bars: int, seed: int, fields: tuple[str, ...]
) -> bytes:
    forest: Any = HalfSpaceTrees(n_trees=n_trees, height=height, window_size=window_bars, seed=seed)
    forest.learn_one(dict.fromkeys(fields, 0.5))
    return pickle.dumps(forest, protocol=pickle.HIGHEST_PROTOCOL)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause garbage collection: ten thousand new nodes, none of them garbage, trigger it often."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
