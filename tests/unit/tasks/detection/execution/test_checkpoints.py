"""A checkpoint saves time, changes nothing, and is believed only with the right key."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.detection import detect
from tasks.detection.execution import checkpoints as module
from tasks.detection.execution.checkpoints import Checkpoints, Streamed
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector

DRIFT = Adwin(detector="adwin", watch="$a", warmup_bars=20)
TREES = HalfSpaceTreesDetector(
    detector="half_space_trees", watch=("$a", "$b"), window_bars=40, quantile=0.97, n_trees=3
)
NAMES = ("adwin", "half_space_trees")
NO_MARKET = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


class Folder(dict):
    """A shelf in memory."""

    def put(self, name: str, data: bytes) -> None:
        self[name] = data


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    times = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "1d", eager=True
    )[:300].cast(pl.Datetime("us", "UTC"))
    parts = []
    for symbol in ("A", "B"):
        values = rng.normal(size=(300, 2))
        values[150:] += 3
        values[[80, 220]] = 20
        values[100, 0] = np.nan
        parts.append(
            pl.DataFrame({"symbol": symbol, "ts": times, "$a": values[:, 0], "$b": values[:, 1]})
        )
    return pl.concat(parts)


@pytest.fixture
def kept() -> Checkpoints:
    return Checkpoints(Folder(), b"k" * 32, study="mine", code=dict.fromkeys(NAMES, "c0de"))


@pytest.fixture
def thawed(monkeypatch) -> list[int]:
    """How many bars each checkpoint that was used had seen."""
    seen: list[int] = []

    def watch(payload: bytes) -> Streamed:
        streamed = original(payload)
        seen.append(len(streamed.scores))
        return streamed

    original = Streamed.thaw
    monkeypatch.setattr(Streamed, "thaw", watch)
    return seen


def run(frame: pl.DataFrame, checkpoints: Checkpoints | None = None, jobs: int = 1):
    return detect(frame, NO_MARKET, [DRIFT, TREES], jobs=jobs, checkpoints=checkpoints)


def first(frame: pl.DataFrame, bars: int) -> pl.DataFrame:
    return frame.filter(pl.col("ts").rank("dense") <= bars)


def same(one, other) -> None:
    assert_frame_equal(one.patterns, other.patterns, check_exact=True)
    assert_frame_equal(one.scores, other.scores, check_exact=True)


def test_going_on_in_pieces_equals_the_straight_run(frame, kept, thawed) -> None:
    for bars in (1, 90, 101, 160, 300, 300):
        same(run(first(frame, bars), kept), run(first(frame, bars)))
    assert thawed == [bars for bars in (1, 90, 101, 160, 300) for _ in range(4)]


def test_processes_keep_and_use_the_same_checkpoints(frame, kept) -> None:
    run(first(frame, 200), kept, jobs=2)
    assert len(kept.shelf) == 4
    same(run(frame, kept, jobs=2), run(frame))
    same(run(frame, kept), run(frame))


def test_changed_bars_are_streamed_anew(frame, kept, thawed) -> None:
    run(frame, kept)
    revised = frame.with_columns(
        pl.when(pl.col("ts") == frame["ts"][10]).then(7.0).otherwise("$a").alias("$a")
    )
    same(run(revised, kept), run(revised))
    same(run(first(revised, 50), kept), run(first(revised, 50)))
    assert not thawed


@pytest.mark.parametrize(
    "change",
    [{"key": b"other" * 8}, {"code": dict.fromkeys(NAMES, "other")}, {"study": "other"}],
    ids=str,
)
def test_those_of_others_are_not_used(frame, kept, thawed, change) -> None:
    run(frame, kept)
    same(run(frame, replace(kept, **change)), run(frame))
    assert not thawed


@pytest.mark.parametrize("package", ["river", "python"])
def test_those_of_other_versions_are_not_used(frame, kept, thawed, monkeypatch, package) -> None:
    run(frame, kept)
    maker = {**kept._maker(DRIFT), package: "0.0"}
    monkeypatch.setattr(Checkpoints, "_maker", lambda *_: maker)
    same(run(frame, kept), run(frame))
    assert not thawed


class Exploding:
    """A pickle that would run code."""

    def __reduce__(self):
        return (pytest.fail, ("a foreign pickle was opened",))


@pytest.mark.parametrize("place", [0, 5, 30, 90, 200, -1])
def test_no_byte_can_be_changed(frame, kept, thawed, place) -> None:
    run(frame, kept)
    for name, raw in kept.shelf.items():
        at = place % len(raw)
        kept.shelf[name] = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    same(run(frame, kept), run(frame))
    assert not thawed


@pytest.mark.parametrize(
    "forge",
    [
        lambda raw: b"",
        lambda raw: raw[:-10],
        lambda raw: raw.partition(b"\n")[0],
        lambda raw: raw + b"more",
        lambda raw: pickle.dumps(Exploding()),
        lambda raw: b"\n".join(raw.split(b"\n", 3)[:3]) + b"\n" + pickle.dumps(Exploding()),
        lambda raw: module._seal({"bars": 0}, pickle.dumps(Exploding()), b"another key"),
    ],
)
def test_what_was_forged_is_never_unpickled(frame, kept, thawed, forge) -> None:
    run(frame, kept)
    for name, raw in kept.shelf.items():
        kept.shelf[name] = forge(raw)
    same(run(frame, kept), run(frame))
    assert not thawed


def test_a_checkpoint_of_one_series_is_none_of_another(frame, kept, thawed) -> None:
    """Same values and the right key, but a swapped place: it would speak of another symbol."""
    alike = frame.with_columns(pl.col("$a", "$b").head(300).append(pl.col("$a", "$b").head(300)))
    run(alike, kept)
    names = list(kept.shelf)
    raws = [kept.shelf[name] for name in names]
    kept.shelf.update(zip(names, raws[2:] + raws[:2], strict=True))
    same(run(alike, kept), run(alike))
    assert not thawed
