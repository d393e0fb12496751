"""P-values adjusted for how many there are: the least level at which each is a discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def benjamini_hochberg(p_values: NDArray[np.float64], tests: int) -> NDArray[np.float64]:
    """Return adjusted p-values that control the false discovery rate.

    Benjamini and Hochberg (JRSS B 1995); valid for independent tests, and for tests that depend
    positively on one another (Benjamini and Yekutieli, Annals of Statistics 2001, theorem 1.2).

    Parameters
    ----------
    p_values
        Shape (n,), of those tests that may be discoveries.
    tests
        How many tests there are; the p-values of the others are one.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,), in [0, 1], in the order of `p_values`.

    Notes
    -----
    Look-ahead: all p-values of a run; for a reader, not for a trade.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04]), 2).tolist()
    [0.02, 0.04]
    """
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * tests / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def benjamini_yekutieli(p_values: NDArray[np.float64], tests: int) -> NDArray[np.float64]:
    """Return adjusted p-values that control the false discovery rate under any dependence.

    Benjamini and Yekutieli (Annals of Statistics 2001, theorem 1.3): those of Benjamini and
    Hochberg times the harmonic sum of the number of tests. Parameters as there.

    Parameters
    ----------
    p_values
        As of `benjamini_hochberg`.
    tests
        As of `benjamini_hochberg`.

    Returns
    -------
    numpy.ndarray
        As of `benjamini_hochberg`.

    Notes
    -----
    Look-ahead: all p-values of a run; for a reader, not for a trade.
    """
    harmonic = float(np.sum(1.0 / np.arange(1, tests + 1)))
    return np.minimum(benjamini_hochberg(p_values, tests) * harmonic, 1.0)
