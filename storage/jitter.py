"""Chance that spreads attempts over time; nobody's seed sets it, and it moves nobody's."""

from __future__ import annotations

from random import Random
from typing import Final

draw: Final = Random().random  # noqa: S311 - it spreads attempts, and keeps no secret
"""Draws from 0 to 1."""


def spread(pause_s: float, least: float, most: float) -> float:
    """Return a pause times a factor between two bounds, drawn anew each time.

    Examples
    --------
    >>> 1.0 <= spread(2.0, 0.5, 1.0) <= 2.0
    True
    """
    return pause_s * (least + (most - least) * draw())
