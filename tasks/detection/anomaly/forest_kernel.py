"""Half-space trees and what surrounds them, compiled: to the bit what River's classes compute.

Windows hold values by age, a ring, and ordered by size; fields and splits of nodes, and masses of
the window before and of this one, are as River has them. Look-ahead: none; what is told of a bar
depends on that bar and those before.
"""

from __future__ import annotations

from math import floor, inf, nan
from typing import TYPE_CHECKING, Final

from tasks.detection.scaling.scale import SIGMA_PER_IQR, SIGMAS
from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Masses = NDArray[np.uint16] | NDArray[np.int32]

SCALE_BARS: Final = 20
"""Bars from which the first scale is learnt, before the trees see any."""
FILLED, OLDEST, LEARNT, IN_WINDOW, SCORES, OLDEST_SCORE = range(6)
"""What is counted: values of the scales and the place of the oldest, bars that the trees learnt,
those since the masses were renewed, scores and the place of the oldest."""
COUNTERS: Final = 6
SCORE, THRESHOLD, ABOVE, PAST = range(4)
"""What is told of each bar, behind its units and its medians."""
_REACH: Final = SIGMAS * SIGMA_PER_IQR


@compiled
def place_left(ordered: Floats, size: int, value: float) -> int:
    """Return the first place at which a value could stand among ordered ones."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def place_right(ordered: Floats, size: int, value: float) -> int:
    """Return the last place at which a value could stand among ordered ones."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if value < ordered[middle]:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def remember(by_age: Floats, ordered: Floats, size: int, oldest: int, value: float) -> None:
    """Do what `ranks.RankWindow.push` does, with the oldest value's place in a ring."""
    place = place_right(ordered, size, value)
    if size < ordered.size:
        for at in range(size, place, -1):
            ordered[at] = ordered[at - 1]
        ordered[place] = value
        by_age[size] = value
        return
    gone_value = by_age[oldest]
    by_age[oldest] = value
    if gone_value == value:
        return
    gone = place_left(ordered, size, gone_value)
    if gone < place:
        for at in range(gone, place - 1):
            ordered[at] = ordered[at + 1]
        ordered[place - 1] = value
    else:
        for at in range(gone, place, -1):
            ordered[at] = ordered[at - 1]
        ordered[place] = value


@compiled
def unit(ordered: Floats, size: int, value: float) -> float:
    """Do what `scale.CausalScale.unit` does."""
    away = value - ordered[int(0.5 * size)]
    if away == 0.0:
        return 0.5
    spread = ordered[int(0.75 * size)] - ordered[int(0.25 * size)]
    reach = _REACH * spread if spread > 0.0 else 0.5 * (ordered[size - 1] - ordered[0])
    if abs(away) >= reach:
        return 1.0 if away > 0 else 0.0
    place: float = 0.5 + 0.5 * (away / reach)
    return place


@compiled
def score_bar(
    field: NDArray[np.int32], split: Floats, masses: Masses, bar: Floats, window: int
) -> float:
    """Return the score that River's trees give a bar of units."""
    trees, nodes = field.shape
    height = 0
    while (2 << height) - 1 < nodes:
        height += 1
    limit = 0.1 * window
    total = 0.0
    for tree in range(trees):
        node, power, score, ended = 0, 1, 0.0, False
        for _ in range(height):
            mass = masses[tree, node]
            score += mass * power
            if mass < limit:
                ended = True
                break
            left = bar[field[tree, node]] < split[tree, node]
            node = 2 * node + 1 if left else 2 * node + 2
            power *= 2
        if not ended:
            score += masses[tree, node] * power
        total += score
    strange: float = 1.0 - total / (trees * window * nodes)
    return strange


@compiled
def learn_bar(field: NDArray[np.int32], split: Floats, masses: Masses, bar: Floats) -> None:
    """Let River's trees learn a bar of units."""
    trees, nodes = field.shape
    inner = nodes // 2
    for tree in range(trees):
        node = 0
        while node < inner:
            masses[tree, node] += 1
            left = bar[field[tree, node]] < split[tree, node]
            node = 2 * node + 1 if left else 2 * node + 2
        masses[tree, node] += 1


@compiled
def take(  # noqa: PLR0917 - compiled code takes arrays by their places
    windows: Floats,
    scores: Floats,
    counters: Whole,
    masses: Masses,
    field: NDArray[np.int32],
    split: Floats,
    bars: Floats,
    told: Floats,
    window: int,
    rate: float,
) -> int:
    """Take bars, no more than until the masses are renewed: scale, score, compare, learn.

    Parameters
    ----------
    windows
        Shape (2, fields, window): values by age, and by size.
    scores
        Shape (2, n): past scores by age, and by size.
    counters, told
        See the constants above; `told` has shape (bars, 2 fields + 4): units, medians, the rest.
    masses
        Shape (2, trees, nodes): those of the window before, and of this one.
    field, split
        Shape (trees, nodes): what is asked at each node; the children of node n are 2 n + 1 and
        2 n + 2.
    bars
        Shape (bars, fields).

    Returns
    -------
    int
        How many of them are beyond the threshold.
    """
    rows, fields = bars.shape
    beyond = 0
    first = 2 * fields
    for row in range(rows):
        size = counters[FILLED]
        told[row, first + SCORE] = nan
        told[row, first + THRESHOLD] = inf
        if size >= SCALE_BARS:
            for one in range(fields):
                told[row, one] = unit(windows[1, one], size, bars[row, one])
                told[row, fields + one] = windows[1, one, int(0.5 * size)]
            units = told[row, :fields]
            if counters[LEARNT] >= window:
                score = score_bar(field, split, masses[0], units, window)
                told[row, first + SCORE] = score
                past = counters[SCORES]
                allowed = floor(rate * (past + 1) + 1e-9) - 1
                if allowed >= 0:
                    threshold = scores[1, past - allowed - 1]
                    told[row, first + THRESHOLD] = threshold
                    if score > threshold:
                        beyond += 1
                        told[row, first + ABOVE] = past - place_left(scores[1], past, score)
                told[row, first + PAST] = past
                remember(scores[0], scores[1], past, counters[OLDEST_SCORE], score)
                if past < scores.shape[1]:
                    counters[SCORES] += 1
                else:
                    counters[OLDEST_SCORE] = (counters[OLDEST_SCORE] + 1) % past
            learn_bar(field, split, masses[1], units)
            counters[LEARNT] += 1
            counters[IN_WINDOW] += 1
        for one in range(fields):
            remember(windows[0, one], windows[1, one], size, counters[OLDEST], bars[row, one])
        if size < windows.shape[2]:
            counters[FILLED] += 1
        else:
            counters[OLDEST] = (counters[OLDEST] + 1) % size
    return beyond
