"""Realised false discovery rate and power of what is kept as patterns, on generated series.

Each replication is a data set of its own: series without a change (or with some that are known),
streamed through a detector, calibrated on nothing but themselves, and judged at the stated level by
the functions that a run calls. Shares come with a 95 % interval: Clopper and Pearson where every
replication is all or nothing (nulls: any pattern is false), else the normal one over replications.

The null data were chosen by such a simulation, among some twenty ways to make them. The base seed
below was drawn after that choice, and nothing was chosen by what came of it; another seed gives
another measurement. What the choice costs is power on small and on passing changes, shown, too.
Beside it stands what `confidence` is worth: the share of true ones among the patterns that were
given at least one minus the level, over all cases of `bh`.

Usage: python scripts/bench/discovery.py [--replications 200] [--seed N] [--only NAME ...] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import binomtest

from tasks.detection import detect
from tasks.detection.judgement import judge
from taskspecs.detectors import Adwin, GaussianScorerDetector
from taskspecs.discovery import CalibrationSpec, DiscoverySpec

SYMBOLS, BARS, LEVEL, CHANGED = 5, 1_000, 0.1, 2
NULL_BARS = 60_000
WITHIN_BARS = 250
BASE_SEED = 718_281_903
START = datetime(2010, 1, 1, tzinfo=UTC)
NO_MARKET = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})
DRIFT = Adwin(detector="adwin", watch="$a")
BOX_BARS = 200
ANOMALY = GaussianScorerDetector(detector="gaussian_scorer", watch="$a")
Draw = Callable[[np.random.Generator], np.ndarray]


def normal(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(SYMBOLS, BARS))


def student(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_t(4, size=(SYMBOLS, BARS))


def autoregressive(rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(size=(SYMBOLS, BARS))
    for bar in range(1, BARS):
        values[:, bar] += 0.5 * values[:, bar - 1]
    return values


def one_factor(rng: np.random.Generator) -> np.ndarray:
    """Symbols that move together: correlation 0.5."""
    return (rng.normal(size=(1, BARS)) + rng.normal(size=(SYMBOLS, BARS))) / np.sqrt(2)


def garch_sizes(rng: np.random.Generator) -> np.ndarray:
    """Sizes of returns whose variance wanders slowly, GARCH(1, 1) of persistence 0.98."""
    shocks, variance, values = rng.normal(size=(SYMBOLS, BARS)), np.ones(SYMBOLS), []
    for shock in shocks.T:
        values.append(np.sqrt(variance) * shock)
        variance = 0.02 + 0.08 * values[-1] ** 2 + 0.90 * variance
    return np.abs(np.array(values).T)


@dataclass(frozen=True)
class Case:
    """A data set, a detector, and what is planted into the first `CHANGED` symbols."""

    name: str
    draw: Draw
    detector: Adwin | GaussianScorerDetector
    size_std: float = 0.0
    method: str = "bh"
    box: bool = False
    """A shift that ends after `BOX_BARS`; its end is a change, too."""


CASES = (
    Case("null normal, drift", normal, DRIFT),
    Case("null autoregressive 0.5, drift", autoregressive, DRIFT),
    Case("null one factor, drift", one_factor, DRIFT),
    Case("null GARCH 0.98 sizes, drift", garch_sizes, DRIFT),
    Case("null Student 4, drift", student, DRIFT),
    Case("null normal, anomaly", normal, ANOMALY),
    Case("null Student 4, anomaly", student, ANOMALY),
    Case("shift of 0.5 std, drift", normal, DRIFT, 0.5),
    Case("shift of 1 std, drift", normal, DRIFT, 1.0),
    Case("shift of 2 std, drift", normal, DRIFT, 2.0),
    Case("shift of 1 std for 200 bars, drift", normal, DRIFT, 1.0, box=True),
    Case("shift of 2 std in GARCH 0.98 sizes, drift", garch_sizes, DRIFT, 2.0),
    Case("shift of 2 std, drift, BY", normal, DRIFT, 2.0, "by"),
    Case("shift of 2 std, drift, LORD++", normal, DRIFT, 2.0, "lord"),
    Case("shift of 2 std, drift, SAFFRON", normal, DRIFT, 2.0, "saffron"),
    Case("spike of 8 std, anomaly", normal, ANOMALY, 8.0),
)


Change = tuple[str, int]
"""A symbol and the bar at which it changed."""


@dataclass(frozen=True)
class Outcome:
    """What was kept of one data set: confidence and truth of each pattern; changes that it has."""

    patterns: tuple[tuple[float, bool], ...]
    planted: int
    noticed: int

    @property
    def false_share(self) -> float:
        false = sum(not true for _, true in self.patterns)
        return false / max(1, len(self.patterns))


def plant(values: np.ndarray, case: Case, rng: np.random.Generator) -> list[Change]:
    """Plant the changes; return where they are."""
    if not case.size_std:
        return []
    reach = WITHIN_BARS + BOX_BARS * case.box
    places = rng.integers(BARS // 2, BARS - reach, size=CHANGED)
    changes = []
    for symbol, at in enumerate(places.tolist()):
        last = BARS if case.detector is DRIFT else at + 1
        last = at + BOX_BARS if case.box else last
        values[symbol, at:last] += case.size_std * values[symbol].std()
        changes += [(f"S{symbol}", at), *([(f"S{symbol}", last)] if case.box else [])]
    return changes


def replicate(case: Case, base_seed: int, number: int) -> Outcome:
    rng = np.random.default_rng([base_seed, number])
    values = case.draw(rng)
    changes = plant(values, case, rng)
    times = [START + timedelta(days=bar) for bar in range(BARS)]
    frame = pl.concat(
        pl.DataFrame({"symbol": f"S{n}", "ts": times, "$a": row}) for n, row in enumerate(values)
    ).cast({"ts": pl.Datetime("us", "UTC")})
    settings = DiscoverySpec(
        level=LEVEL,
        method=case.method,
        calibration=CalibrationSpec(null_bars=NULL_BARS, injections=0, seed=base_seed + number),
    )
    found = detect(frame, NO_MARKET, [case.detector], jobs=1).patterns
    kept = judge(found, frame, NO_MARKET, [case.detector], settings).patterns
    reach = WITHIN_BARS if case.detector is DRIFT else 0
    told, noticed = [], set()
    for symbol, ts, confidence in kept.select("symbol", "ts", "confidence").iter_rows():
        bar = (ts - START).days
        meant = {one for one in changes if one[0] == symbol and 0 <= bar - one[1] <= reach}
        told.append((confidence, bool(meant)))
        noticed |= meant
    return Outcome(tuple(told), len(changes), len(noticed))


def measure(case: Case, replications: int, base_seed: int = BASE_SEED) -> dict[str, Any]:
    outcomes = [replicate(case, base_seed, number) for number in range(replications)]
    shares = np.array([one.false_share for one in outcomes])
    rate = float(shares.mean())
    if case.size_std:
        half = 1.96 * float(shares.std(ddof=1)) / replications**0.5
        low, high = max(0.0, rate - half), rate + half
    else:
        exact = binomtest(int((shares > 0).sum()), replications).proportion_ci(0.95, "exact")
        low, high = float(exact.low), float(exact.high)
    planted, noticed = sum(one.planted for one in outcomes), sum(one.noticed for one in outcomes)
    told = [pattern for one in outcomes for pattern in one.patterns]
    return {
        "case": case.name, "method": case.method, "level": LEVEL, "replications": replications,
        "false_discovery_rate": rate, "low": low, "high": high,
        "power": noticed / planted if planted else None,
        "patterns": len(told), "true": sum(true for _, true in told),
        "mean_confidence": float(np.mean([sure for sure, _ in told])) if told else None,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seed", type=int, default=BASE_SEED, help="of the data and null data")
    parser.add_argument("--only", nargs="*", default=[], help="Cases whose name holds this.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = [c for c in CASES if not options.only or any(w in c.name for w in options.only)]
    rows = []
    for case in chosen:
        rows.append(row := measure(case, options.replications, options.seed))
        power = "" if row["power"] is None else f", power {row['power']:.2f}"
        print(
            f"{case.name}: false discovery rate {row['false_discovery_rate']:.3f} "
            f"[{row['low']:.3f}, {row['high']:.3f}] at level {LEVEL}{power}, {row['true']} of "
            f"{row['patterns']} patterns true",
            file=sys.stderr, flush=True,
        )  # fmt: skip
    worth = tell_confidence(rows)
    if worth:
        print(
            f"of {worth['patterns']} patterns, mean confidence {worth['told']:.3f}, "
            f"{worth['realised']:.3f} are true",
            file=sys.stderr,
        )
    if options.json:
        head = {"seed": options.seed, "symbols": SYMBOLS, "bars": BARS, "null_bars": NULL_BARS}
        print(json.dumps({**head, "cases": rows, "confidence": worth}))


def tell_confidence(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Compare the confidence of the patterns of all cases with the share that is true."""
    rows = [row for row in rows if row["patterns"] and row["method"] == "bh"]
    if not rows:
        return {}
    patterns = sum(row["patterns"] for row in rows)
    told = sum(row["patterns"] * row["mean_confidence"] for row in rows) / patterns
    realised = sum(row["true"] for row in rows) / patterns
    return {"patterns": patterns, "told": told, "realised": realised}


if __name__ == "__main__":
    main()
