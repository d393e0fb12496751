"""A program: backtests by qlib as it is installed, with its own files, quotes and loop.

It is a program of its own because qlib's set-up belongs to a whole process. Reads `bars.parquet`,
`scores.parquet` and `specs.json` in the folder given, writes `accounts.json` there.

One thing is changed: qlib lists what it holds in the order of a set of names, so which of several
symbols without a score is sold first changes with PYTHONHASHSEED, and the account with it.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

FIELDS = ("open", "close", "volume", "factor", "change")


def write_data(root: Path, bars: pl.DataFrame, fields: tuple[str, ...] = FIELDS) -> list[str]:
    """Write qlib's file format: float32, from a symbol's first day to its last; return days."""
    bars = bars.with_columns(
        day=pl.col("ts").dt.date(),
        change=pl.col("close") / pl.col("close").shift().over("symbol") - 1,
    )
    days = bars["day"].unique().sort().to_list()
    place = {day: n for n, day in enumerate(days)}
    after = days[-1].replace(year=days[-1].year + 1)
    write(root / "calendars/day.txt", [str(day) for day in [*days, after]])
    lines = []
    for (symbol,), rows in bars.group_by(["symbol"], maintain_order=True):
        at = np.array([place[day] for day in rows["day"]])
        lines.append(f"{symbol}\t{rows['day'][0]}\t{rows['day'][-1]}")
        folder = root / "features" / str(symbol).lower()
        folder.mkdir(parents=True)
        for name in fields:
            dense = np.full(at[-1] - at[0] + 1, np.nan)
            dense[at - at[0]] = rows[name].fill_null(np.nan).to_numpy()
            np.hstack([[at[0]], dense]).astype("<f4").tofile(folder / f"{name}.day.bin")
    write(root / "instruments/all.txt", lines)
    return [str(day) for day in days]


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n")


def main(folder: Path) -> None:
    import qlib
    from qlib.backtest.position import Position

    listed = Position.get_stock_list
    Position.get_stock_list = lambda self: sorted(listed(self))
    days = write_data(folder / "data", pl.read_parquet(folder / "bars.parquet"))
    qlib.init(
        provider_uri=str(folder / "data"), region="us", kernels=1, logging_level=logging.ERROR
    )
    scores = pl.read_parquet(folder / "scores.parquet")
    specs = json.loads((folder / "specs.json").read_text())
    accounts = {name: trade(scores, days, spec) for name, spec in specs.items()}
    (folder / "accounts.json").write_text(json.dumps(accounts))


def trade(scores: pl.DataFrame, days: list[str], spec: dict[str, Any]) -> dict[str, list[float]]:
    import pandas as pd
    from qlib.backtest import backtest
    from qlib.backtest.executor import SimulatorExecutor
    from qlib.contrib.strategy import TopkDropoutStrategy

    index = pd.MultiIndex.from_arrays(
        [scores["symbol"].to_list(), pd.to_datetime(scores["ts"].dt.date().to_list())],
        names=["instrument", "datetime"],
    )
    signal = pd.Series(scores["score"].to_numpy(), index=index)
    first = days.index(str(scores["ts"].min().date())) + 1
    reports, _ = backtest(
        days[first],
        days[-1],
        TopkDropoutStrategy(signal=signal, **spec["strategy"]),
        SimulatorExecutor("day", generate_portfolio_metrics=True),
        benchmark=pd.Series(0.0, index=pd.DatetimeIndex(days)),
        account=spec["account"],
        exchange_kwargs={"codes": "all", "freq": "day", **spec["exchange"]},
    )
    report = reports["1day"][0]
    return report[["account", "cash", "value", "total_turnover", "total_cost"]].to_dict("list")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
