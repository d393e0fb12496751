"""A study of minutes that works on coarser bars: the whole road, by hand and by a sweep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

SPEC = """\
name: coarse
data: {source: file, path: minutes.csv, frequency: 1min}
features: {define: {momentum: "$close / Ref($close, 4) - 1"}}
aggregation: {bars: 15min, every: 1h, normalise: rank}
signal: {expression: $momentum}
detection: [{detector: adwin, watch: "Abs($close / Ref($close, 1) - 1)"}]
backtest: {topk: 1, n_drop: 1}
"""


@pytest.fixture
def minutes(shell) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    start = datetime(2024, 1, 2, tzinfo=UTC)
    ts = [start + timedelta(minutes=n) for n in range(4_000)]
    frames = [
        pl.DataFrame(
            {
                "symbol": symbol,
                "open_time": ts,
                "close": 100 * np.exp(np.cumsum(rng.normal(0, 0.001, len(ts)))),
                "volume": rng.integers(1, 99, len(ts)),
            }
        ).with_columns(open=pl.col("close"), high=pl.col("close"), low=pl.col("close"))
        for symbol in ("AA", "BB", "CC")
    ]
    frame = pl.concat(frames)
    frame.with_columns(pl.col("open_time").dt.to_string("iso")).write_csv(
        shell.workspace / "minutes.csv"
    )
    (shell.workspace / "coarse.yaml").write_text(SPEC)
    return frame


@pytest.mark.slow
def test_a_study_works_on_the_bars_it_asks_for(shell, minutes) -> None:
    run = shell.json("run", str(shell.workspace / "coarse.yaml"))

    def ask(query: str) -> list[dict]:
        return shell.json("sql", query)

    [source] = ask("SELECT count() AS n FROM bars")
    [studied] = ask(
        "SELECT count(*) AS n, max(epoch_us(ts) % 900000000) AS off, sum(volume) AS volume"
        " FROM study_bars"
    )
    assert source["n"] == minutes.height
    whole = minutes.height // 3 // 15
    assert studied["n"] == 3 * whole
    assert studied["off"] == 0
    assert (
        studied["volume"]
        == minutes.filter(pl.int_range(pl.len()).over("symbol") < whole * 15)["volume"].sum()
    )
    assert ask("SELECT count(*) AS n FROM features")[0]["n"] == 3 * whole
    assert ask("SELECT max(epoch_us(ts) % 3600000000) AS off FROM scores")[0]["off"] == 0
    shown = shell.json("runs", "show", run["run_id"])
    assert shown["frequency"] == "15min"
    [note] = [m["note"] for m in shown["figures"] if m["name"] == "annual_return"]
    assert "bars a day (median)" in note
    axis = ["--grid", "bars=15min,30min", "--jobs", "1"]
    swept = shell.json("sweep", str(shell.workspace / "coarse.yaml"), *axis)
    assert len({row["sharpe"] for row in swept["best"]}) == 2
    for row in swept["winner"]["figures"]:
        assert row["fast"] == pytest.approx(row["qlib"], rel=1e-9)


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ("bars: 1min", "aggregation.bars", "cannot make bars of 1min"),
        ("bars: month", "aggregation.bars", "no bar of month is over"),
        ("bars: 1h, calendar: XNYZ", "aggregation.calendar", "XNYS"),
        ("calendar: XNYS", "aggregation", "goes with `bars`"),
    ],
)
def test_bars_that_cannot_be_made_are_refused_before_anything_is_written(
    shell, minutes, change, key, words
) -> None:
    (shell.workspace / "coarse.yaml").write_text(SPEC.replace("bars: 15min", change))
    done = shell.run("run", str(shell.workspace / "coarse.yaml"), exit_code=2)
    assert f"key {key}" in done.stderr
    assert words in done.stderr
    assert not (shell.workspace / ".qraft" / "lake").exists()
