"""Adjusted p-values are statsmodels' own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from tasks.detection.discovery.adjustment import benjamini_hochberg, benjamini_yekutieli

CHANCES = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("adjust", "name"), [(benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")]
)
@given(chances=CHANCES, silent=st.integers(0, 50))
def test_they_equal_those_of_statsmodels(adjust, name, chances, silent):
    """The tests that never spoke have a p-value of one, whether they are listed or not."""
    whole = np.array([*chances, *[1.0] * silent])
    expected = multipletests(whole, method=name)[1][: len(chances)]
    np.testing.assert_allclose(adjust(np.array(chances), len(whole)), expected, rtol=1e-12)


def test_nothing_comes_of_nothing():
    assert benjamini_hochberg(np.array([]), 100).tolist() == []
    assert benjamini_yekutieli(np.array([]), 0).tolist() == []


def test_a_published_example():
    """Benjamini and Hochberg (1995), section 4.1: four of fifteen at five per cent."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
               0.4262, 0.5719, 0.6528, 0.7590, 1.0000]  # fmt: skip
    assert (benjamini_hochberg(np.array(chances), 15) <= 0.05).sum() == 4
