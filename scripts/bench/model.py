"""How well a model does: qlib's own workflow beside ours, on the same data, split and parameters.

Both learn LightGBM on Alpha158 with the parameters of qlib's benchmark, from the same daily bars of
Chinese shares, predict the same days, and trade them by the same rules. qlib's side is qlib's: its
file format, its Alpha158 handler, DatasetH, LGBModel, calc_ic, its exchange and loop; ours is what
a run does. Several seeds of each say what is noise. The files do not know the volume-weighted
price, so both sides take the mean of high, low and close.

    .venv/bin/python scripts/bench/model.py [--data FILE] [--symbols N] [--since DATE] [--json]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import resource
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.aggregation import aggregate
from tasks.backtest import run_backtest
from tasks.backtest.figures.statistics import annual_return, worst_drawdown
from tasks.features import evaluate
from tasks.features.execution.threads import count_threads
from tasks.signal import information_coefficient, label
from tasks.signal.modelled import label_horizon, train_signal
from tasks.signal.models.boosting import PASSED_ON
from tasks.signal.walk_forward import walk_forward
from taskspecs.expressions.sets import alpha158
from taskspecs.models import LightGbmSpec, WalkForwardSpec
from taskspecs.schema import AggregationSpec, BacktestSpec, CostsSpec, SignalSpec

# isort: split
# Our judge silences what gym prints, so qlib comes after it.
import qlib
from qlib.contrib.data.handler import Alpha158
from qlib.contrib.eva.alpha import calc_ic
from qlib.contrib.model import gbdt
from qlib.data.dataset import DatasetH

if TYPE_CHECKING:
    from tasks.signal.walk_forward import Fold

    Returns = np.ndarray[Any, np.dtype[np.float64]]

ROOT = Path(__file__).parents[2]
STOCK = ROOT / "tests/unit/tasks/backtest/stock_qlib.py"
DATA = ROOT.parent / "shared/data/ashare_daily.parquet"
FIELDS = ("open", "high", "low", "close", "volume", "vwap", "factor", "change")
LABEL = SignalSpec(expression="$close").label
RULES = BacktestSpec(topk=20, n_drop=4, costs=CostsSpec(slippage_bps=0))
YEAR = 252.0
FIGURES = ("ic", "rank_ic", "annual_return", "max_drawdown")
SIDES = ("qlib", "ours")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--symbols", type=int, default=150)
    options.add_argument("--since", type=date.fromisoformat, default=date(2017, 1, 1))
    options.add_argument("--train", type=int, default=1_200, help="days")
    options.add_argument("--valid", type=int, default=240, help="days")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--json", action="store_true", help="print one JSON object, last")
    chosen = options.parse_args()
    bars = read_bars(chosen.data, chosen.symbols, chosen.since)
    windows = WalkForwardSpec(train_bars=chosen.train, valid_bars=chosen.valid, test_bars=100_000)
    found = compare(bars, windows, range(chosen.seeds))
    if chosen.json:
        print(json.dumps(found))
        return
    show(found)


def read_bars(path: Path, symbols: int, since: date) -> pl.DataFrame:
    """Read every so many-th share; days without volume are days without a bar."""
    frame = pl.read_parquet(path).with_columns(pl.col("symbol").cast(pl.String))
    names = frame["symbol"].unique().sort()
    kept = names.gather_every(max(len(names) // symbols, 1)).head(symbols)
    return (
        frame.filter(
            pl.col("symbol").is_in(kept.implode()) & (pl.col("date") >= since)
            & (pl.col("volume").fill_nan(None) > 0)
        )
        .with_columns(
            ts=pl.col("date").cast(pl.Datetime("us", "UTC")) + pl.duration(hours=7),
            vwap=(pl.col("high") + pl.col("low") + pl.col("close")) / 3,
        )
        .drop("date")
        .sort("symbol", "ts")
    )  # fmt: skip


def compare(bars: pl.DataFrame, windows: WalkForwardSpec, seeds: range) -> dict[str, Any]:
    calendar = bars["ts"].unique().sort()
    (fold,) = walk_forward(len(calendar), windows, label_horizon(LABEL))
    specs = [LightGbmSpec(kind="lightgbm", windows=windows, seed=seed) for seed in seeds]
    ours, our_seconds = timed(lambda: run_ours(bars, specs))
    theirs, their_seconds = timed(lambda: run_qlib(bars, fold, specs))
    return {
        "symbols": bars["symbol"].n_unique(),
        "days": len(calendar),
        "split": {name: _span(calendar, getattr(fold, name)) for name in SPLIT},
        "threads": count_threads(),
        "qlib": theirs,
        "ours": ours,
        "mean": {side: _over(runs, np.mean) for side, runs in (("qlib", theirs), ("ours", ours))},
        "spread": {side: _over(runs, _std) for side, runs in (("qlib", theirs), ("ours", ours))},
        "difference_in_noise": noise(theirs, ours),
        "cpu_s": {"qlib": their_seconds, "ours": our_seconds},
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


SPLIT = ("train", "valid", "test")


def timed(work: Any) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, round(time.process_time() - began, 1)


def run_ours(bars: pl.DataFrame, specs: list[LightGbmSpec]) -> list[dict[str, float]]:
    """Do what a run does, stage by stage."""
    computed = evaluate(bars, alpha158.expressions())
    features = aggregate(computed, bars, AggregationSpec(), zone="UTC").features
    labels = label(bars, LABEL)
    results = []
    for spec in specs:
        trained = train_signal(features, bars, spec, LABEL)
        ic = information_coefficient(trained.scores, labels)
        judged = run_backtest(bars, trained.scores, RULES, frequency="day", zone="UTC", ic=ic)
        results.append(
            {
                "trees": trained.windows["size"][0],
                "ic": ic["ic"].mean(),
                "rank_ic": ic["rank_ic"].mean(),
                **account_figures(judged.equity["account"].to_numpy()),
            }
        )
    return results


def run_qlib(bars: pl.DataFrame, fold: Fold, specs: list[LightGbmSpec]) -> list[dict[str, float]]:
    """Do what qlib's workflow does, from its own files."""
    stock = stock_program()
    gbdt.R = Unrecorded()
    with tempfile.TemporaryDirectory() as folder:
        days = stock.write_data(Path(folder) / "data", bars, FIELDS)
        qlib.init(
            provider_uri=str(Path(folder) / "data"), region="us", kernels=1,
            logging_level=logging.ERROR,
        )  # fmt: skip
        handler = Alpha158(
            instruments="all", start_time=days[0], end_time=days[-1], fit_start_time=days[0],
            fit_end_time=days[fold.train.stop - 1],
        )  # fmt: skip
        segments = {name: _days(days, getattr(fold, name)) for name in SPLIT}
        dataset = DatasetH(handler, segments=segments)
        return [_qlib_once(dataset, stock, days, spec) for spec in specs]


def _qlib_once(
    dataset: DatasetH, stock: Any, days: list[str], spec: LightGbmSpec
) -> dict[str, Any]:
    parameters = {name: getattr(spec, name) for name in PASSED_ON}
    model = gbdt.LGBModel(loss="mse", num_threads=count_threads(), **parameters)
    model.fit(dataset, verbose_eval=0)
    predicted = model.predict(dataset)
    labels = dataset.prepare("test", col_set="label").iloc[:, 0]
    ic, rank_ic = calc_ic(predicted, labels)
    times = predicted.index.get_level_values("datetime")
    scores = pl.DataFrame(
        {
            "symbol": predicted.index.get_level_values("instrument").to_list(),
            "ts": pl.Series(times.to_pydatetime().tolist()).cast(pl.Datetime("us", "UTC")),
            "score": predicted.to_numpy(),
        }
    )
    traded = stock.trade(
        scores,
        days,
        {
            "account": RULES.account,
            "strategy": {"topk": RULES.topk, "n_drop": RULES.n_drop},
            "exchange": {
                "deal_price": RULES.deal_price,
                "limit_threshold": RULES.limit_threshold,
                "open_cost": RULES.costs.open_bps / 1e4,
                "close_cost": RULES.costs.close_bps / 1e4,
                "min_cost": RULES.costs.min_fee,
                "trade_unit": RULES.trade_unit,
            },
        },
    )
    return {
        "trees": model.model.best_iteration,
        "ic": float(ic.mean()),
        "rank_ic": float(rank_ic.mean()),
        **account_figures(np.array(traded["account"])),
    }


class Unrecorded:
    """Where qlib's model tells its progress; its recorder's default store cannot be opened."""

    def log_metrics(self, **_figures: float) -> None:
        """Hear nothing."""


def account_figures(account: Returns) -> dict[str, float]:
    returns = np.diff(account, prepend=RULES.account) / np.concatenate(
        [[RULES.account], account[:-1]]
    )
    return {
        "annual_return": annual_return(returns, YEAR),
        "max_drawdown": worst_drawdown(returns).depth,
    }


def noise(theirs: list[dict[str, float]], ours: list[dict[str, float]]) -> dict[str, float]:
    """Return the difference of the means, in standard deviations of one seed's result."""
    found = {}
    for name in FIGURES:
        pair = [[run[name] for run in runs] for runs in (theirs, ours)]
        pooled = float(np.sqrt(np.mean([np.var(side, ddof=1) for side in pair])))
        away = abs(float(np.mean(pair[0]) - np.mean(pair[1])))
        found[name] = round(away / pooled, 2) if pooled > 0 else away
    return found


def stock_program() -> Any:
    """Return the tests' program for qlib as it is installed; it knows qlib's file format."""
    spec = importlib.util.spec_from_file_location("stock_qlib", STOCK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _days(days: list[str], window: range) -> tuple[str, str]:
    return days[window.start], days[window.stop - 1]


def _span(calendar: pl.Series, window: range) -> list[str]:
    return [str(calendar[place].date()) for place in (window.start, window.stop - 1)]


def _std(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _over(runs: list[dict[str, float]], figure: Any) -> dict[str, float]:
    return {name: float(figure([run[name] for run in runs])) for name in FIGURES}


def show(found: dict[str, Any]) -> None:
    split = ", ".join(f"{name} {first} to {last}" for name, (first, last) in found["split"].items())
    print(f"{found['symbols']} symbols, {found['days']} days: {split}")
    print(f"{'':<8} {'seed':>5} {'trees':>6}" + "".join(f"{name:>15}" for name in FIGURES))
    for side in SIDES:
        for seed, run in enumerate(found[side]):
            figures = "".join(f"{run[name]:>15.4f}" for name in FIGURES)
            print(f"{side:<8} {seed:>5} {run['trees']:>6}{figures}")
    away = "".join(f"{found['difference_in_noise'][name]:>15.2f}" for name in FIGURES)
    print(f"difference of the means, in standard deviations of one seed:\n{'':<21}{away}")
    print(f"CPU s: {found['cpu_s']}, peak {found['peak_gib']} GiB")


if __name__ == "__main__":
    main()
