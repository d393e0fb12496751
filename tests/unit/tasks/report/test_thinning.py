from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tasks.report.thinning import LIMIT, keep_extremes

SERIES = arrays(
    np.float64, st.integers(0, 400), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))
)


@given(SERIES, st.integers(4, 120))
def test_extremes_and_ends_stay(values, limit):
    kept = keep_extremes(values, limit)
    assert len(kept) <= max(limit, 0) or len(values) <= limit
    assert (np.diff(kept) > 0).all()
    if len(values):
        assert kept[0] == 0
        assert kept[-1] == len(values) - 1
        known = values[~np.isnan(values)]
        if len(known):
            assert np.nanmin(values[kept]) == known.min()
            assert np.nanmax(values[kept]) == known.max()


def test_short_series_stay_whole():
    values = np.arange(float(LIMIT))
    assert len(keep_extremes(values)) == LIMIT
    assert len(keep_extremes(np.arange(LIMIT + 1.0))) <= LIMIT
