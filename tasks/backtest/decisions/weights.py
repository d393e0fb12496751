"""Weights that follow from scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from taskspecs.schema import BacktestSpec

    Floats = NDArray[np.float64]

WEIGHTINGS: Mapping[str, Callable[[Floats], Floats]] = {
    "equal": np.ones_like,
    "rank": lambda scores: np.arange(len(scores), 0.0, -1.0),
    "proportional": lambda scores: np.maximum(scores, 0.0),
}
"""Parts by weighting, of scores in falling order; only their proportions count."""


def weigh(scores: Floats, spec: BacktestSpec) -> Floats:
    """Turn scores into weights of what is invested.

    Parameters
    ----------
    scores
        Float64, in falling order.
    spec
        ``topk``, ``weighting``, ``max_weight``, ``positive_only``.

    Returns
    -------
    numpy.ndarray
        Float64, for the first of the scores, as many as get a weight; each above zero and at most
        ``max_weight``; they add up to 1, or less where the limit leaves no room.

    Notes
    -----
    Look-ahead: none; scores of one decision.

    Examples
    --------
    >>> from taskspecs.schema import BacktestSpec
    >>> spec = BacktestSpec(strategy="weights", topk=3, weighting="rank")
    >>> weigh(np.array([0.5, 0.1, -0.2, -0.4]), spec).round(3).tolist()
    [0.5, 0.333, 0.167]
    >>> capped = spec.model_copy(update={"max_weight": 0.4})
    >>> weigh(np.array([0.5, 0.1, -0.2, -0.4]), capped).round(3).tolist()
    [0.4, 0.4, 0.2]
    """
    chosen = scores[: spec.topk]
    if spec.positive_only:
        chosen = chosen[chosen > 0]
    parts = WEIGHTINGS[spec.weighting](chosen)
    parts = parts[parts > 0]
    if not len(parts):
        return parts
    parts = parts / parts.max()  # sums of the largest and the smallest numbers stay finite
    weights = limit(parts / parts.sum(), spec.max_weight)
    return weights[weights > 0]


def limit(weights: Floats, most: float) -> Floats:
    """Cut weights at `most`, and give what is cut off to the others in proportion.

    Parameters
    ----------
    weights
        Float64, in falling order, above zero, adding up to 1.
    most
        The most of one weight, above 0.

    Returns
    -------
    numpy.ndarray
        As many, each at most `most`; they add up to 1, or less where there is no room.

    Notes
    -----
    Look-ahead: none; weights of one decision.

    Examples
    --------
    >>> limit(np.array([0.7, 0.2, 0.1]), 0.5).round(3).tolist()
    [0.5, 0.333, 0.167]
    >>> limit(np.array([0.7, 0.3]), 0.25).tolist()
    [0.25, 0.25]
    """
    limited = weights.copy()
    for cut in range(len(weights)):
        room = 1 - most * cut
        limited[cut:] = weights[cut:] * (room / weights[cut:].sum())
        if limited[cut] <= most:
            return limited
        limited[cut] = most
    return limited
