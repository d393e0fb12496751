"""The default ensemble and classical detectors on labelled series, in one run.

    .venv/bin/python scripts/bench/detection.py --json
    .venv/bin/python scripts/bench/detection.py --skab skab.parquet --stream elec.parquet

Generated series of known anomalies, scored as the Numenta benchmark does: ten kinds of anomaly in
plain series (`kinds`), in the domains that the ensemble's numbers were set on (`set_to`, with other
seeds than those; `long`, of up to 16,000 rows) and in domains that were left aside (`held_out`).
The ensemble is taken as it ships, by its flags; each baseline gets the best threshold for these
very series, and the same refractory time. `--numenta` adds the Numenta benchmark itself, from a
copy of its repository, with the scores that it publishes. `--overhead` adds every detector's cost
beside a bare River loop (see `overhead.py`). `--skab` adds the Skoltech benchmark by its authors'
conventions. `--stream` adds a drift stream (last column the class): accuracy of a naive Bayes
classifier that starts anew when the detector speaks, or never. `--processes` adds the speed-up by
two processes (see `processes.py`). `--alone` leaves the generated series out. With --json the last
line is one object.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from river.naive_bayes import GaussianNB

sys.path.insert(0, str(Path(__file__).parents[2]))

from baselines import BASELINES, hold_down
from domains import HELD_OUT, LONG_ROWS, SET_TO, generate_domains
from labelled_series import Labelled, generate
from numenta import benchmark_score
from numenta_corpus import LEADERBOARD, read_corpus
from overhead import overheads
from processes import speed_up

from tasks.detection.ensemble.ensemble import THRESHOLD, Ensemble
from tasks.detection.registry import build_detector
from taskspecs.detectors import Adwin


def main() -> None:
    """Measure everything asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of the generated series")
    parser.add_argument("--copies", type=int, default=1, help="series of each kind")
    parser.add_argument("--alone", action="store_true", help="only what is asked for below")
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--numenta", type=Path, help="a copy of github.com/numenta/NAB")
    parser.add_argument("--skab", type=Path)
    parser.add_argument("--stream", type=Path, action="append", default=[])
    parser.add_argument("--processes", type=int, metavar="SYMBOLS", help="usually 500")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {} if options.alone else on_all_generated(options.seed, options.copies)
    if options.overhead:
        results["overhead"] = overheads()
    if options.numenta:
        results["numenta"] = on_numenta(options.numenta)
    if options.skab:
        results["skab"] = on_skab(options.skab)
    results["streams"] = {path.stem: on_stream(path) for path in options.stream}
    if options.processes:
        results["processes"] = speed_up(options.processes)
    print(json.dumps(results) if options.json else json.dumps(results, indent=2))


def ensemble_scores(series: Labelled) -> np.ndarray:
    step = Ensemble().step
    rows = zip(series.values.tolist(), series.seconds.tolist(), strict=True)
    return np.array([step(value, seconds)[0] for value, seconds in rows])


def on_all_generated(seed: int, copies: int) -> dict[str, Any]:
    corpora = {
        "kinds": generate(seed, copies),
        "set_to": generate_domains(SET_TO, seed, copies),
        "long": generate_domains(SET_TO, seed, copies, LONG_ROWS)[::3],
        "held_out": generate_domains(HELD_OUT, seed, copies),
    }
    results: dict[str, Any] = {name: on_generated(corpus) for name, corpus in corpora.items()}
    return {**results, "rows_per_second": rows_per_second(seed)}


def on_generated(corpus: list[Labelled]) -> dict[str, Any]:
    scores = [ensemble_scores(series) for series in corpus]
    alarms = [np.flatnonzero(one >= THRESHOLD) for one in scores]
    results: dict[str, Any] = {"ensemble": benchmark_score(corpus, alarms)}
    for part, name in enumerate(("by_base", "by_kind")):
        groups: dict[str, list[int]] = {}
        for i, series in enumerate(corpus):
            groups.setdefault(series.name.split("-")[part], []).append(i)
        results[name] = {
            group: benchmark_score([corpus[i] for i in rows], [alarms[i] for i in rows])["score"]
            for group, rows in groups.items()
        }
    for name, baseline in BASELINES.items():
        results[name] = best_threshold(corpus, [baseline(series) for series in corpus])
    best = max(results[name]["score"] for name in BASELINES)
    results["over_best_baseline"] = results["ensemble"]["score"] / best
    return results


def on_numenta(folder: Path) -> dict[str, Any]:
    """Score the ensemble's flags, one threshold for all series, by the standard profile."""
    corpus = read_corpus(folder)
    alarms = [np.flatnonzero(ensemble_scores(series) >= THRESHOLD) for series in corpus]
    groups: dict[str, list[int]] = {}
    for i, series in enumerate(corpus):
        groups.setdefault(series.name.split("/")[0], []).append(i)
    by_domain = {
        group: benchmark_score([corpus[i] for i in rows], [alarms[i] for i in rows])
        for group, rows in groups.items()
        if any(corpus[i].windows for i in rows)
    }
    whole = benchmark_score(corpus, alarms)
    return {"ensemble": whole, "by_domain": by_domain, "leaderboard": LEADERBOARD}


def best_threshold(corpus: list[Labelled], scores: list[np.ndarray]) -> dict[str, float]:
    pool = np.concatenate(scores)
    levels = np.unique(np.quantile(pool, 1.0 - np.geomspace(1e-4, 0.2, 25)))
    tried = (
        benchmark_score(corpus, [hold_down(one, level) for one in scores])
        for level in levels
        if level > pool.min()
    )
    return max(tried, key=lambda one: one["score"])


def rows_per_second(seed: int) -> float:
    """Return rows of a CPU second, one series after the other, the best of three."""
    series = generate(seed, 1)[:12]
    seconds = []
    for _ in range(3):
        began = time.process_time()
        for one in series:
            ensemble_scores(one)
        seconds.append(time.process_time() - began)
    return sum(len(one.values) for one in series) / min(seconds)


SKAB_TRAINING_ROWS = 400
SKAB_WINDOW_S = 60.0
SKAB_LEADERBOARD = {
    "isolation_forest": {"far": 6.86, "mar": 72.09, "change_score": 37.53},
    "lstm": {"far": 14.4, "mar": 40.44, "change_score": 25.82},
    "t_squared": {"far": 12.14, "mar": 52.56, "change_score": 17.87},
}
"""From the README of waico/SKAB (commit 0167d02): batch methods, fitted to the first 400 rows."""


def on_skab(path: Path) -> dict[str, Any]:
    """Score the ensemble as the authors do: the first 400 rows of a file are for learning.

    An alarm of any sensor calls the rows of the 60 s from it on anomalous. Outliers are judged row
    by row; changes are where that call begins and ends, and are right in the 60 s after a labelled
    change.
    """
    counts = np.zeros(4)
    corpus, alarms = [], []
    frame = pl.read_parquet(path).filter(pl.col("anomaly").is_not_null())
    for (name,), part in frame.partition_by("series", as_dict=True, maintain_order=True).items():
        seconds = part["datetime"].dt.epoch("ms").to_numpy() / 1_000.0
        called = _call(part, seconds)[SKAB_TRAINING_ROWS:]
        seconds = seconds[SKAB_TRAINING_ROWS:]
        truth, changes = (
            part[column].to_numpy()[SKAB_TRAINING_ROWS:] > 0
            for column in ("anomaly", "changepoint")
        )
        counts += [
            (called & truth).sum(), (called & ~truth).sum(), (~called & truth).sum(),
            (~called & ~truth).sum(),
        ]  # fmt: skip
        windows = tuple(
            (int(at), int(np.searchsorted(seconds, seconds[at] + SKAB_WINDOW_S)) - 1)
            for at in np.flatnonzero(changes)
        )
        corpus.append(Labelled(str(name), seconds, truth, windows))
        alarms.append(np.flatnonzero(np.diff(called.astype(int), prepend=0)))
    found, false, missed, quiet = counts.tolist()
    told = benchmark_score(corpus, alarms, probation=0.0)
    return {
        "f1": 2 * found / (2 * found + false + missed),
        "far": 100.0 * false / (false + quiet),
        "mar": 100.0 * missed / (found + missed),
        "change_score": told["score"],
        "changes_found": told["found"],
        "leaderboard": SKAB_LEADERBOARD,
    }


def _call(part: pl.DataFrame, seconds: np.ndarray) -> np.ndarray:
    """Return for each row whether some sensor alarmed in the minute before."""
    spoken = np.zeros(len(part), dtype=bool)
    for values in part.drop("anomaly", "changepoint", "datetime", "series").iter_columns():
        one = Labelled(values.name, seconds, values.to_numpy(), ())
        spoken |= ensemble_scores(one) >= THRESHOLD
    called = np.zeros(len(part), dtype=bool)
    for row in np.flatnonzero(spoken):
        called |= (seconds >= seconds[row]) & (seconds <= seconds[row] + SKAB_WINDOW_S)
    return called


def on_stream(path: Path) -> dict[str, float]:
    """Prequential accuracy with a new model at each drift of the error, and with one for ever."""
    frame = pl.read_parquet(path)
    target = frame.columns[-1]
    correct, drifts = {"renewed": 0, "one_model": 0}, 0
    models = {name: GaussianNB() for name in correct}
    detector = build_detector(Adwin(detector="adwin", watch="$error"))
    for row in frame.iter_rows(named=True):
        label, before = row.pop(target), correct["renewed"]
        for name, model in models.items():
            correct[name] += model.predict_one(row) == label
            model.learn_one(row, label)
        wrong = float(correct["renewed"] == before)
        if detector.step((wrong,)) is not None:
            models["renewed"], drifts = GaussianNB(), drifts + 1
    return {name: right / len(frame) for name, right in correct.items()} | {"drifts": drifts}


if __name__ == "__main__":
    main()
