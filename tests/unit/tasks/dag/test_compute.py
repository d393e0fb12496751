"""The same patterns come from a Dask cluster, and its absence is told."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from configs.errors import Unreachable
from tasks.dag.compute import compute_on
from tasks.detection import detect
from tasks.detection.execution.parallel import map_series
from taskspecs.detectors import Adwin

SPEC = Adwin(detector="adwin", watch="$a")
NO_MARKET = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


def symbols() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    times = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), "1d", eager=True
    )[:200]
    return pl.concat(
        pl.DataFrame({"symbol": f"S{i}", "ts": times, "$a": rng.normal(size=200) + 4.0 * shifted})
        for i in range(6)
        for shifted in [np.arange(200) >= 100]
    )


def test_without_a_cluster_nothing_changes() -> None:
    with compute_on("local"):
        assert len(detect(symbols(), NO_MARKET, [SPEC]).patterns) == 6


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_absent_scheduler_is_told(monkeypatch) -> None:
    monkeypatch.setattr("tasks.dag.compute.ANSWER_WITHIN_S", 0.5)
    with (
        pytest.raises(Unreachable, match="no Dask scheduler answers"),
        compute_on("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.slow
def test_two_workers_find_the_same_patterns() -> None:
    """Workers are processes of their own, as on other machines."""
    from distributed import LocalCluster

    expected = detect(symbols(), NO_MARKET, [SPEC])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            compute_on(cluster.scheduler_address),
        ):
            result = detect(symbols(), NO_MARKET, [SPEC])
            where = {pid for _, pid in map_series(lambda _: os.getpid(), range(8))}
    assert where
    assert os.getpid() not in where
    assert result.patterns.equals(expected.patterns)
    assert result.scores.equals(expected.scores)
