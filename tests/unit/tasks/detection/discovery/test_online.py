"""Levels of online procedures are those that the Bioconductor package onlineFDR documents.

The example of its pages on LORD and SAFFRON (version 2.5, fifteen p-values, alpha 0.05): facts that
were printed there, not its code.
"""

from __future__ import annotations

import numpy as np
import pytest

from tasks.detection.discovery.online import (
    Lord,
    Saffron,
    lord_weight,
    run_in_batches,
    saffron_weight,
)

P_VALUES = [2.90e-08, 0.06743, 0.01514, 0.08174, 0.00171, 3.60e-05, 0.79149, 0.27201, 0.28295,
            7.59e-08, 0.69274, 0.30443, 0.00136, 0.72342, 0.54757]  # fmt: skip
LORD = [0.0002675839, 0.0024664457, 0.0005732818, 0.0004872805, 0.0004059066, 0.0003447286,
        0.0029745013, 0.0008450114, 0.0007305648, 0.0006243143, 0.0032185913, 0.0010617227,
        0.0009256825, 0.0008019657, 0.0007059610]  # fmt: skip
SAFFRON = [0.005468627, 0.010937254, 0.010937254, 0.010937254, 0.010937254, 0.021874508,
           0.032811762, 0.010823845, 0.010823845, 0.010823845, 0.021761099, 0.009265591,
           0.009265591, 0.020202846, 0.009064367]  # fmt: skip


@pytest.mark.parametrize(
    ("procedure", "levels"), [(Lord, LORD), (Saffron, SAFFRON)], ids=["lord", "saffron"]
)
def test_the_documented_levels(procedure, levels):
    given = run_in_batches(procedure(0.05), [[p] for p in P_VALUES])
    np.testing.assert_allclose([level for (level,) in given], levels, rtol=2e-7)


@pytest.mark.parametrize("procedure", [Lord, Saffron])
def test_within_a_batch_no_outcome_is_known(procedure):
    (first,) = run_in_batches(procedure(0.1), [[1e-12, 1.0, 1.0]])
    (second,) = run_in_batches(procedure(0.1), [[1.0, 1.0, 1.0]])
    assert first == second
    told = run_in_batches(procedure(0.1), [[1e-12, 1.0], [1.0]])
    silent = run_in_batches(procedure(0.1), [[1.0, 1.0], [1.0]])
    assert told[1][0] > silent[1][0]


@pytest.mark.parametrize("weight", [lord_weight, saffron_weight])
def test_no_more_than_all_wealth_is_ever_spent(weight):
    assert 0.4 < sum(weight(age) for age in range(1, 200_000)) <= 1.0


@pytest.mark.parametrize("procedure", [Lord, Saffron])
def test_the_realised_rate_is_under_the_level(procedure):
    """A fifth of the tests is real; two hundred replications."""
    rng = np.random.default_rng(1)
    shares, found = [], []
    for _ in range(200):
        real = rng.random(120) < 0.2
        chances = np.where(real, rng.beta(0.05, 10, 120), rng.random(120))
        levels = run_in_batches(procedure(0.1), [[p] for p in chances.tolist()])
        kept = chances <= np.array(levels)[:, 0]
        shares.append((kept & ~real).sum() / max(1, kept.sum()))
        found.append((kept & real).sum() / real.sum())
    assert np.mean(shares) + 2 * np.std(shares) / 200**0.5 <= 0.1
    assert np.mean(found) > 0.3
