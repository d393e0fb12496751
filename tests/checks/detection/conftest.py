"""Every detector of the registry, small enough to be run many times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import TypeAdapter

from tasks.detection.registry import REGISTRY
from taskspecs.detectors import DetectorSpec

_DRIFT = {"watch": "$a", "warmup_bars": 20}
_BOTH = ["$a", "$b"]
_RANK = {"watch": _BOTH, "window_bars": 40, "quantile": 0.97}
_CLUSTER = {"watch": _BOTH, "window_bars": 60, "state_bars": 20}
SETTINGS: dict[str, dict[str, Any]] = {
    "adwin": _DRIFT,
    "page_hinkley": _DRIFT,
    "kswin": {**_DRIFT, "window_bars": 60, "stat_bars": 20},
    "hddm_a": _DRIFT,
    "hddm_w": {**_DRIFT, "watch": _BOTH},
    "ddm": {**_DRIFT, "drift_threshold": 2.0},
    "eddm": {**_DRIFT, "warmup_bars": 10},
    "fhddm": {**_DRIFT, "watch": _BOTH, "window_bars": 20, "drift_confidence": 0.01},
    "half_space_trees": {**_RANK, "n_trees": 5, "height": 6},
    "gaussian_scorer": {**_RANK, "grace_bars": 20},
    "one_class_svm": _RANK,
    "predictive_anomaly": _RANK,
    "loda": {**_RANK, "n_random_cuts": 5},
    "ensemble": {"watch": _BOTH},
    "stream_kmeans": _CLUSTER,
    "dbstream": _CLUSTER,
}


def small(name: str) -> DetectorSpec:
    return TypeAdapter(DetectorSpec).validate_python({"detector": name, **SETTINGS[name]})


@pytest.fixture(params=sorted(REGISTRY))
def spec(request: pytest.FixtureRequest) -> DetectorSpec:
    """One detector's part of a spec; a new detector needs a line above."""
    return small(request.param)


@pytest.fixture
def every_spec() -> list[DetectorSpec]:
    """The parts of all detectors."""
    return [small(name) for name in sorted(REGISTRY)]


@pytest.fixture
def frame() -> pl.DataFrame:
    """Two symbols of 260 bars with a shift, outliers, and a few unusable values."""
    rng = np.random.default_rng(17)
    first = datetime(2024, 1, 1, 21, tzinfo=UTC)
    times = pl.datetime_range(first, datetime(2026, 1, 1, tzinfo=UTC), "1d", eager=True)[:260]
    parts = []
    for symbol in ("A", "B"):
        values = rng.normal(size=(260, 2))
        values[130:] = 6 + 3 * values[130:]
        values[[200, 240]] = 60
        values[[60, 61, 170], 0] = np.nan, np.inf, -np.inf
        parts.append(
            pl.DataFrame({"symbol": symbol, "ts": times, "$a": values[:, 0], "$b": values[:, 1]})
        )
    return pl.concat(parts).cast({"ts": pl.Datetime("us", "UTC")})


@pytest.fixture
def nothing() -> pl.DataFrame:
    """No market series."""
    return pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})
