from __future__ import annotations

from datetime import UTC, datetime

import joblib
import numpy as np
import polars as pl
import pytest
from joblib._parallel_backends import ThreadingBackend

from tasks.detection import detect
from tasks.detection.execution.parallel import WORTH_SECONDS, _worth, map_series
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector

DETECTORS = [
    Adwin(detector="adwin", watch="$a"),
    HalfSpaceTreesDetector(
        detector="half_space_trees", watch=("$a", "$b"), window_bars=40, quantile=0.97, n_trees=3
    ),
]
NOTHING = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    bars, symbols = 160, 59
    rng = np.random.default_rng(3)
    values = rng.normal(size=(symbols, bars, 2))
    values[:, bars // 2 :, 0] += 4
    times = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), "1d", eager=True
    )[:bars]
    return pl.concat(
        pl.DataFrame({"symbol": f"S{i:02d}", "ts": times, "$a": one[:, 0], "$b": one[:, 1]})
        for i, one in enumerate(values)
    )


@pytest.mark.parametrize("jobs", [2, None])
def test_any_number_of_processes_gives_the_same(frame: pl.DataFrame, jobs: int | None) -> None:
    seen: list[float] = []
    alone = detect(frame, NOTHING, DETECTORS, jobs=1)
    shared = detect(frame, NOTHING, DETECTORS, jobs=jobs, progress=seen.append)
    assert len(alone.patterns) > 50
    assert shared.patterns.equals(alone.patterns)
    assert shared.scores.equals(alone.scores)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_an_active_backend_gets_the_work() -> None:
    used: list[int] = []

    class Cluster(ThreadingBackend):
        def submit(self, func, callback=None):
            used.append(1)
            return super().submit(func, callback)

    joblib.register_parallel_backend("cluster", Cluster)
    with joblib.parallel_config(backend="cluster", n_jobs=2):
        results = list(map_series(sum, [1, 2, 3, 4, 5]))
    assert [done for done, _ in results] == [1, 2, 3, 4, 5]
    assert [value for _, value in results] == [1, 2, 3, 4, 5]
    assert used


def test_processes_are_started_where_that_pays() -> None:
    assert [_worth(seconds) for seconds in (0.1, 0.9 * WORTH_SECONDS)] == [1, 1]
    assert _worth(WORTH_SECONDS) == joblib.cpu_count()
    with joblib.parallel_config(backend="threading", n_jobs=3):
        assert _worth(0.1) is None


def test_no_work_is_no_result() -> None:
    assert list(map_series(sum, [], jobs=2)) == []
