"""Times at which a leak check takes the future away."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from configs.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl


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
