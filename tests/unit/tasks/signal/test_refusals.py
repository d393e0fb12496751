"""Windows longer than the data are refused before anything is computed or written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.signal.refusals import refuse_windows
from taskspecs.models import LightGbmSpec, WalkForwardSpec
from taskspecs.schema import SignalSpec

DAYS = pl.datetime_range(
    datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 30, tzinfo=UTC), "1d", eager=True
)  # fmt: skip


def signal(**windows):
    return SignalSpec(model=LightGbmSpec(kind="lightgbm", windows=WalkForwardSpec(**windows)))


def test_an_expression_is_never_refused():
    refuse_windows(SignalSpec(expression="$close"), DAYS[:1], zone="UTC")


def test_one_bar_to_predict_is_enough():
    fits = signal(train_bars=300, valid_bars=60, test_bars=10)
    refuse_windows(fits, pl.concat([DAYS, DAYS]), zone="UTC")
    with pytest.raises(BadInput) as caught:
        refuse_windows(fits, DAYS[1:], zone="UTC")
    text = str(caught.value)
    assert "key signal.model.windows" in text
    assert "need 365 bars" in text
    assert "300 to train, 60 to validate, 4 purged" in text
    assert "has 364" in text
    assert "lower train_bars to 299 or less" in text


def test_far_too_long_windows():
    with pytest.raises(BadInput, match="lower train_bars and valid_bars"):
        refuse_windows(signal(train_bars=20, valid_bars=900), DAYS, zone="UTC")


def test_predictions_after_the_backtest_are_of_no_use():
    spec = signal(train_bars=200, valid_bars=50, test_bars=10)
    refuse_windows(spec, DAYS, zone="UTC", until=date(2024, 9, 11))
    with pytest.raises(BadInput, match="first prediction is of 2024-09-11, after"):
        refuse_windows(spec, DAYS, zone="UTC", until=date(2024, 9, 10))
