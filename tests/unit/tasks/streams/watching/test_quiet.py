"""Severity orders what happened; confidence is calibrated from a source's own quiet history."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from tasks.detection.execution.state import freeze
from tasks.streams.watching.quiet import HORIZON, Quiet
from tasks.streams.watching.tails import fit
from tasks.streams.watching.watcher import Watcher
from taskspecs.detectors import Adwin, GaussianScorerDetector, HalfSpaceTreesDetector

DRAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "heavy": lambda rng, n: rng.standard_t(3, size=n),
    "skewed": lambda rng, n: rng.exponential(size=n) - 1.0,
}
TREES = HalfSpaceTreesDetector(detector="half_space_trees", watch="$r")
BELL = GaussianScorerDetector(detector="gaussian_scorer", watch="$r", cooldown_bars=0)


def rows(values: np.ndarray) -> list[tuple[float, ...]]:
    return [(value,) for value in values.tolist()]


def watch(values: np.ndarray, spec=BELL):
    times = np.arange(len(values)) * 1_000_000
    return Watcher(spec).run(rows(values), times.tolist())[1]


@pytest.mark.parametrize("name", sorted(DRAWS))
def test_confidence_is_the_chance_that_a_thousand_quiet_values_bring_nothing_as_severe(
    name: str,
) -> None:
    """Of the most severe of a thousand quiet values, it is spread evenly over [0, 1]."""
    rng, told = np.random.default_rng(5), []
    for _ in range(150):
        quiet = Quiet(1)
        quiet.learn(rows(DRAWS[name](rng, 1_024)))
        then = np.sort(DRAWS[name](rng, HORIZON))
        told.append(max(quiet.judge_values((one,), 0.0)[1] for one in (then[0], then[-1])))
    assert kstest(told, "uniform").statistic < 0.25
    assert np.mean(np.array(told) > 0.9) < 0.18


def test_a_crash_is_far_above_a_blip() -> None:
    """The peg of a coin: a fall of 4 % among moves of 0.02 %, and a blip of 0.2 %."""
    rng = np.random.default_rng(9)
    values = rng.standard_t(4, size=4_000) * 0.0002
    values[3_000], values[3_500] = 0.002, -0.04
    found = {one.row: one for one in watch(values)}
    blip, crash = found[3_000], found[3_500]
    assert crash.severity > 15 * blip.severity > 60
    assert crash.confidence > blip.confidence
    assert crash.confidence > 0.999
    usual = [one.severity for row, one in found.items() if row not in {3_000, 3_500}]
    assert max(usual) < crash.severity / 5


def test_severity_grows_without_end_and_confidence_with_it() -> None:
    quiet = Quiet(1)
    quiet.learn(rows(np.random.default_rng(1).normal(size=600)))
    told = [quiet.judge_values((value,), 0.0) for value in (0.5, 2, 3, 4, 6, 10, 100, 1e6)]
    assert told == sorted(told)
    assert len({severity for severity, _ in told}) == len(told)
    assert told[-1][0] > 1e5


def test_several_fields_are_judged_by_how_they_move_together() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(size=1_024)
    both = np.column_stack([one, one + 0.1 * rng.normal(size=1_024)])
    quiet = Quiet(2)
    quiet.learn([tuple(row) for row in both.tolist()])
    together, apart = (quiet.judge_values((2.0, other), 0.0) for other in (2.0, -2.0))
    assert apart[0] > 5 * together[0]
    assert apart[1] > 0.99 > together[1]


def test_a_drift_is_as_severe_as_it_moved_and_less_sure_where_all_moves_slowly() -> None:
    rng = np.random.default_rng(3)
    spec = Adwin(detector="adwin", watch="$r")
    white = rng.normal(size=3_000)
    small, large = white.copy(), white.copy()
    small[2_000:] += 1.0
    large[2_000:] += 10.0
    one, other = (watch(values, spec)[-1] for values in (small, large))
    assert 0.5 < one.severity < 2
    assert 8 < other.severity < 13
    assert one.confidence > 0.99
    slow = np.zeros(3_000)
    for place in range(1, 3_000):
        slow[place] = 0.98 * slow[place - 1] + white[place]
    wandering = Quiet(1)
    wandering.learn(rows(slow[:1_024]))
    calm = Quiet(1)
    calm.learn(rows(white[:1_024] * slow.std()))
    shift = ([slow.std()], 500.0, 100.0, 0.999)
    assert wandering.judge_shift(*shift)[1] < 0.5 < calm.judge_shift(*shift)[1]


@pytest.mark.parametrize("values", [np.zeros(900), np.full(900, 1e50), np.arange(900.0),
                                    np.tile([0.0, 0.0, 0.0, 1.0], 225)])  # fmt: skip
def test_series_without_spread_have_finite_severities(values: np.ndarray) -> None:
    quiet = Quiet(1)
    quiet.learn(rows(values))
    for value in (0.0, 1.0, -1e9):
        severity, confidence = quiet.judge_values((value,), 0.5)
        assert severity >= 0
        assert 0 <= confidence <= 1


def test_tails_are_monotone() -> None:
    tail = fit(np.abs(np.random.default_rng(4).standard_t(2, size=1_024)))
    chances = [tail.beyond(at) for at in np.linspace(0, 50, 400).tolist()]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == pytest.approx(1.0)
    assert 0 < chances[-1] < 0.01


@pytest.mark.parametrize("spec", [Adwin(detector="adwin", watch="$r"), TREES])
def test_a_watchers_state_is_small_and_does_not_grow(spec) -> None:
    """64 kB packed; the million values are a benchmark's (`scripts/bench/streams.py`)."""
    watcher, sizes = Watcher(spec), []
    rng = np.random.default_rng(6)
    for turn in range(4):
        times = np.arange(15_000) * 20_000 + rng.integers(0, 20_000, 15_000) + turn * 10**9
        watcher.run(rows(rng.normal(size=15_000)), times.tolist())
        sizes.append(len(freeze(watcher.freeze())))
    assert max(sizes) < 65_536
    assert sizes[-1] < 1.05 * sizes[1]
