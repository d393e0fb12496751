"""What must hold for every detector, whatever it looks for."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.detection import detect
from tasks.detection.registry import REGISTRY, build_detector


def steps(detector, rows: np.ndarray) -> list:
    return [(detector.step(row), detector.score) for row in rows.tolist()]


_STRAIGHT: dict[str, list] = {}


def straight_steps(spec, rows: np.ndarray) -> list:
    """What a detector says of all rows, one by one: the same for everything held against it."""
    if spec.detector not in _STRAIGHT:
        _STRAIGHT[spec.detector] = steps(build_detector(spec), rows)
    return _STRAIGHT[spec.detector]


def values_of(frame: pl.DataFrame, spec) -> np.ndarray:
    return frame.filter(symbol="A").select(spec.watched).to_numpy()


def test_it_finds_something_here(spec, frame, nothing) -> None:
    found = detect(frame, nothing, [spec]).patterns
    assert set(found["symbol"]) == {"A", "B"}
    assert set(found["type"]) == {REGISTRY[spec.detector].finds}


def test_no_look_ahead(spec, frame, nothing) -> None:
    whole = detect(frame, nothing, [spec])
    for cut in frame["ts"].unique().sort()[25::26]:
        known = pl.col("ts") <= cut
        part = detect(frame.filter(known), nothing, [spec])
        assert_frame_equal(part.patterns, whole.patterns.filter(known), check_exact=True)
        assert_frame_equal(part.scores, whole.scores.filter(known), check_exact=True)


def test_repeating_gives_the_same(spec, frame, nothing) -> None:
    one, other = (detect(frame, nothing, [spec]) for _ in range(2))
    assert one.patterns.equals(other.patterns)
    assert one.scores.equals(other.scores)


_IDS = """
import sys, polars as pl
from pydantic import TypeAdapter
from tasks.detection import detect
from taskspecs.detectors import DetectorSpec
specs = TypeAdapter(list[DetectorSpec]).validate_json(sys.argv[1])
result = detect(pl.read_parquet(sys.argv[2]), pl.DataFrame({"ts": []}), specs)
print(result.patterns["pattern_id"].to_list(), result.scores["score"].sum())
"""


def test_the_hash_seed_of_python_does_not_matter(every_spec, frame, tmp_path) -> None:
    frame.write_parquet(tmp_path / "frame.parquet")
    text = json.dumps([spec.model_dump(mode="json") for spec in every_spec])
    outputs = set()
    for hash_seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", _IDS, text, str(tmp_path / "frame.parquet")],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        outputs.add(done.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("cut", [0, 1, 30, 62, 131, 140, 201, 259])
def test_going_on_from_a_pickle_equals_never_stopping(spec, frame, cut: int) -> None:
    rows = values_of(frame, spec)
    straight = straight_steps(spec, rows)
    detector = build_detector(spec)
    resumed = steps(detector, rows[:cut])
    resumed += steps(pickle.loads(pickle.dumps(detector)), rows[cut:])
    assert resumed == straight


@pytest.mark.parametrize("size", [1, 7, 50, 1_000])
def test_many_bars_at_a_go_are_as_bars_one_by_one(spec, frame, size: int) -> None:
    rows = values_of(frame, spec)
    one_by_one = straight_steps(spec, rows)
    detector, blocks = build_detector(spec), []
    for start in range(0, len(rows), size):
        scores, alarms = detector.run(rows[start : start + size])
        spoken = dict(alarms)
        told = [None if np.isnan(score) else score for score in scores.tolist()]
        blocks += [(spoken.get(row), score) for row, score in enumerate(told)]
    assert blocks == one_by_one


def test_unusable_bars_are_as_if_they_had_not_been(spec, frame) -> None:
    rows = values_of(frame, spec)
    usable = np.isfinite(rows).all(axis=1)
    assert not usable.all()
    with_gaps = straight_steps(spec, rows)
    without = steps(build_detector(spec), rows[usable])
    assert [step for step, good in zip(with_gaps, usable, strict=True) if good] == without
    assert all(
        step == (None, None) for step, good in zip(with_gaps, usable, strict=True) if not good
    )


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_a_series_without_a_usable_value_has_no_patterns(spec, frame, nothing, missing) -> None:
    empty = frame.with_columns(pl.lit(missing, dtype=pl.Float64).alias("$a"))
    result = detect(empty, nothing, [spec])
    assert result.patterns.is_empty()
    assert result.scores.is_empty()


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e9, 1e-300])
def test_a_constant_series_has_no_patterns(spec, frame, nothing, constant: float) -> None:
    flat = frame.with_columns(pl.lit(constant).alias("$a"), pl.lit(constant).alias("$b"))
    assert detect(flat, nothing, [spec]).patterns.is_empty()


def test_huge_and_tiny_values_do_no_harm(spec, frame, nothing) -> None:
    rng = np.random.default_rng(0)
    wild = pl.Series(10.0 ** rng.uniform(-320, 308, len(frame)))
    result = detect(frame.with_columns(wild.alias("$a"), wild.alias("$b")), nothing, [spec])
    assert result.patterns["confidence"].is_between(0, 1).all()
    assert result.scores["score"].is_finite().all()


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_almost_no_rows(spec, frame, nothing, rows: int) -> None:
    assert detect(frame[:rows], nothing, [spec]).patterns.is_empty()


def test_two_rows_at_one_time_are_refused(spec, frame, nothing) -> None:
    with pytest.raises(BadInput, match="more than one row"):
        detect(pl.concat([frame, frame[:1]]), nothing, [spec])


def test_the_order_of_columns_and_rows_does_not_matter(spec, frame, nothing) -> None:
    expected = detect(frame, nothing, [spec])
    permuted = frame.select("$b", "ts", "$a", "symbol").sample(fraction=1.0, shuffle=True, seed=5)
    result = detect(permuted, nothing, [spec])
    assert result.patterns.equals(expected.patterns)
    assert result.scores.equals(expected.scores)


def test_inputs_are_left_alone(spec, frame, nothing) -> None:
    before = frame.clone()
    detect(frame, nothing, [spec])
    assert_frame_equal(frame, before)


def test_memory_does_not_grow_with_the_stream(spec) -> None:
    detector = build_detector(spec)
    width = len(spec.watched)
    rng = np.random.default_rng(1)
    sizes = []
    for _ in range(3):
        detector.run(rng.normal(size=(4_200, width)))
        sizes.append(len(pickle.dumps(detector)))
    assert sizes[2] <= 1.25 * sizes[1]  # a leak would make it 1.5
