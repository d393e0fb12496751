"""Superior predictive ability: whether the best of many trials beats its benchmark by luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gate.statistics.remembering import remembered

if TYPE_CHECKING:
    from arch.bootstrap import SPA
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REPETITIONS = 1_000
SEED = 20_260_101
"""Fixed: the same evidence has the same figure."""


class Superiority(NamedTuple):
    """Probabilities of doing as well by luck, when all trials of the family are taken together.

    Attributes
    ----------
    family
        That the best of them does.
    candidate
        That the best of them does as well as the candidate did.
    """

    family: float
    candidate: float


def superiority(excess: Floats, candidate: int, *, repetitions: int = REPETITIONS) -> Superiority:
    """Test the null hypothesis that no trial is better than its benchmark.

    Parameters
    ----------
    excess
        Returns above the benchmark's, one bar each, shape (bars, trials). Each trial is scaled to
        the same spread first, so that none wins by leverage.
    candidate
        The column that is judged.
    repetitions
        Of the bootstrap; its seed is fixed.

    Returns
    -------
    Superiority
        p-values by the stationary bootstrap with blocks of the root of the number of bars, of
        Hansen's consistent kind.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Hansen (2005), "A Test for Superior Predictive Ability", Journal of Business and Economic
    Statistics 23(4). The test is arch's.
    """
    spread = excess.std(axis=0, ddof=1)
    scaled = excess / np.where(spread > 0, spread, 1.0)
    test = _test(scaled, repetitions)
    family = float(test.pvalues["consistent"])
    if int(scaled.mean(axis=0).argmax()) == candidate:
        return Superiority(family, family)
    return Superiority(family, _level(test, float(scaled[:, candidate].mean()), repetitions))


@remembered
def _test(scaled: Floats, repetitions: int) -> SPA:
    from arch.bootstrap import SPA

    test = SPA(np.zeros(len(scaled)), -scaled, reps=repetitions, seed=SEED)
    test.compute()
    return test


def _level(test: SPA, mean: float, repetitions: int) -> float:
    """Find the lowest level at which the test calls a mean better than luck, by bisection."""
    low, high = 0, repetitions
    while high - low > 1:
        middle = (low + high) // 2
        if mean > float(test.critical_values(middle / repetitions)["consistent"]):
            high = middle
        else:
            low = middle
    return high / repetitions
