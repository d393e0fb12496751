"""Times at which a leak check takes the future away."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def choose_cuts(known: pl.Series, cuts: int, rng: np.random.Generator) -> list[datetime]:
    """Choose times, one in each stretch of the later four fifths.

    Every second stretch is cut where the fewest rows became known: what fills a hole from the
    future shows only there. The last cut is near the end.

    Parameters
    ----------
    known
        When each row became known.
    cuts
        How many times.
    rng
        Chooses.

    Returns
    -------
    list
        Rising; fewer than `cuts` where there are few times.

    Raises
    ------
    BadInput
        Fewer than three times, or no cut.

    Notes
    -----
    Look-ahead: all times: for judging.
    """
    counts = known.drop_nulls().rename("t").value_counts(sort=False, name="rows").sort("t")
    times, rows = counts["t"], counts["rows"].to_numpy()
    if times.len() < 3 or cuts < 1:
        raise BadInput(f"a leak check needs three times and one cut, not {times.len()} and {cuts}")
    last = times.len() - 2
    edges = np.linspace(min(times.len() // 5, last), last + 1, cuts + 1).astype(int)
    places = []
    for number, (start, stop) in enumerate(pairwise(edges)):
        stretch = np.arange(start, max(stop, start + 1))
        if number % 2:
            stretch = stretch[rows[stretch] == rows[stretch].min()]
        places.append(int(rng.choice(stretch)))
    places[-1] = max(places[-1], last - int(rng.integers(0, 3)))
    return [times[min(place, last)] for place in sorted(set(places))]


def move_to_ends(
    cuts: list[datetime], known: pl.Series, ends: Callable[[pl.Series], pl.Series]
) -> list[datetime]:
    """Move every second cut back to a time that is an end itself, where there is one.

    Parameters
    ----------
    cuts
        Rising times.
    known
        When each row became known.
    ends
        From the times of rows to the times of what they become part of.

    Returns
    -------
    list
        Rising; fewer where two fall on one.

    Notes
    -----
    Look-ahead: all times: for judging.
    """
    times = known.drop_nulls().unique().sort()
    whole = times.filter((ends(times) == times).fill_null(value=False))
    places = whole.search_sorted(pl.Series(cuts, dtype=known.dtype), side="right")
    moved = [
        whole[int(place) - 1] if number % 2 and place else cut
        for number, (cut, place) in enumerate(zip(cuts, places, strict=True))
    ]
    return sorted(set(moved))
