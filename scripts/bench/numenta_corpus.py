"""The series of the Numenta Anomaly Benchmark, read from a copy of its repository.

The corpus is not part of this repository, and nothing was set by it. `detection.py --numenta
FOLDER` only measures, beside the scores that the benchmark itself publishes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
from labelled_series import Labelled

if TYPE_CHECKING:
    from pathlib import Path

LEADERBOARD = {
    "numenta_htm": 70.1, "cad_ose": 69.9, "earthgecko_skyline": 58.2, "knn_cad": 58.0,
    "relative_entropy": 54.6, "random_cut_forest": 51.7, "twitter_advec": 47.1,
    "windowed_gaussian": 39.6, "etsy_skyline": 35.7, "bayesian_changepoint": 17.7, "expose": 16.4,
    "random": 11.0,
}  # fmt: skip
"""Standard profile, each with its best threshold for this corpus: README of numenta/NAB, v1.1."""


def read_corpus(folder: Path) -> list[Labelled]:
    """Return the labelled series of a folder that holds `data` and `labels`."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    return [_read(folder / "data" / name, name, labels[name]) for name in sorted(labels)]


def _read(path: Path, name: str, labels: list[tuple[str, str]]) -> Labelled:
    frame = pl.read_csv(path, schema={"timestamp": pl.String, "value": pl.Float64})
    times = frame["timestamp"].str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    ends = pl.Series(labels, dtype=pl.List(pl.String)).explode(empty_as_null=False)
    rows = times.search_sorted(ends.str.to_datetime(time_unit="us")).to_list() if labels else []
    windows = tuple(zip(rows[::2], rows[1::2], strict=True))
    return Labelled(
        name, times.dt.epoch("s").to_numpy().astype(float), frame["value"].to_numpy(), windows
    )
