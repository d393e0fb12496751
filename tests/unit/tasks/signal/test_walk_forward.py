"""Windows of a walk-forward, against skfolio's, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skfolio.model_selection import WalkForward

from tasks.signal.walk_forward import bars_before_first_test, walk_forward
from taskspecs.models import WalkForwardSpec


@st.composite
def windows(draw, *, valid=True):
    test = draw(st.integers(1, 30))
    return WalkForwardSpec(
        train_bars=draw(st.integers(1, 60)),
        valid_bars=draw(st.integers(0, 20)) if valid else 0,
        test_bars=test,
        step_bars=draw(st.none() | st.integers(1, test)),
        expanding=draw(st.booleans()),
        embargo_bars=draw(st.integers(0, 5)),
    )


@given(windows(valid=False).filter(lambda w: w.step == w.test_bars), st.integers(1, 6),
       st.integers(0, 300))  # fmt: skip
def test_equals_skfolios(spec, horizon, bars):
    ours = [(list(f.train), list(f.test)) for f in walk_forward(bars, spec, horizon)]
    if bars <= bars_before_first_test(spec, horizon):
        assert ours == []
        return
    theirs = WalkForward(
        test_size=spec.test_bars, train_size=spec.train_bars, expand_train=spec.expanding,
        reduce_test=True, purged_size=horizon + spec.embargo_bars,
    ).split(np.zeros((bars, 1)))  # fmt: skip
    assert ours == [(train.tolist(), test.tolist()) for train, test in theirs]


@given(windows(), st.integers(1, 6), st.integers(0, 300))
def test_no_label_reaches_into_what_follows(spec, horizon, bars):
    folds = list(walk_forward(bars, spec, horizon))
    for fold in folds:
        follows = fold.valid or fold.test
        assert fold.train.stop - 1 + horizon < follows.start
        if fold.valid:
            assert fold.valid.stop - 1 + horizon + spec.embargo_bars < fold.test.start
            assert len(fold.valid) == spec.valid_bars
        assert fold.train.start >= 0
        assert len(fold.train) == spec.train_bars or spec.expanding
    predicted = {bar for fold in folds for bar in fold.test}
    assert predicted == set(range(bars_before_first_test(spec, horizon), bars))


@given(windows(), st.integers(1, 6), st.integers(0, 200), st.integers(0, 100))
def test_more_bars_change_no_earlier_window(spec, horizon, bars, more):
    before = list(walk_forward(bars, spec, horizon))
    after = list(walk_forward(bars + more, spec, horizon))[: len(before)]
    assert [(f.train, f.valid, f.test.start) for f in before] == [
        (f.train, f.valid, f.test.start) for f in after
    ]


def test_the_first_test_begins_after_all_gaps():
    spec = WalkForwardSpec(train_bars=10, valid_bars=4, test_bars=5, embargo_bars=3)
    (fold, *_) = walk_forward(40, spec, 2)
    assert (fold.train, fold.valid, fold.test) == (range(10), range(12, 16), range(21, 26))
    assert bars_before_first_test(spec, 2) == pytest.approx(21)
