"""Bars of a period come into the workspace whole, once, and with where they are from."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from configs.children import child_environment
from configs.errors import BadInput, Failed, Forbidden, Refused, Unreachable
from configs.remedies import Mend
from configs.workspace import Workspace
from tasks.ingest import inspect
from tasks.sources.commands import fetch_bars, list_sources, show_source, write_source
from tasks.streams.decoding.formats import HISTORIES
from taskspecs.schema import DataSpec
from taskspecs.sources.load import load
from tests.consent import agree_to_source
from tests.exchange.histories import MINUTE_US, START_US, answering, numbers
from tests.exchange.serving import served

DAYS = {"first": "2026-01-01", "last": "2026-01-02"}
BASES = {
    "binance": "binance_klines", "binance_usdm": "binance_usdm_trades",
    "coinbase": "coinbase_trades", "kraken": "kraken_candles", "okx": "okx_candles",
    "bybit": "bybit_trades",
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for history in HISTORIES.values():
        monkeypatch.setattr(history, "pause_s", 0.0)
    (tmp_path / "work").mkdir()
    return Workspace((tmp_path / "work").resolve())


@contextmanager
def source(workspace, name, rest=None):
    """A source of the workspace, called `mine`, whose history is asked on loopback."""
    with served(rest or answering(name)) as exchange:
        path, _ = write_source(workspace, "mine", base=BASES[name])
        path.write_text(path.read_text() + f"history_url: {exchange.http}\n")
        agree_to_source(load(path)[0])
        yield exchange


def bars_of(workspace, told) -> pl.DataFrame:
    return pl.read_parquet(workspace.root / told["path"])


@pytest.mark.parametrize("name", BASES)
def test_minutes_come_whole_and_are_read_as_bars(workspace, name):
    with source(workspace, name) as exchange:
        told = fetch_bars(
            workspace, source="mine", first="2026-01-01", last="2026-01-01", length="5min"
        )
    bars = bars_of(workspace, told)
    symbols = bars["symbol"].unique().to_list()
    assert told["rows"] == dict.fromkeys(sorted(symbols), 288)
    assert len(symbols) == 2
    starts = [START_US + 5 * MINUTE_US * number for number in range(288)]
    for _, one in bars.group_by("symbol"):
        assert one["close_time"].dt.epoch("us").to_list() == [at + 5 * MINUTE_US for at in starts]
        told_prices = one.select("open", "high", "low", "close", "volume").rows()
        assert told_prices == [tuple(map(float, numbers(at)[:5])) for at in starts]
    assert exchange.asked
    found = inspect(workspace.root / told["path"], DataSpec(source="file", path=told["path"])).found
    assert (found.frequency, found.symbols, found.rows) == ("5min", 2, 576)


def test_days_are_stamped_by_their_date(workspace):
    with source(workspace, "binance"):
        told = fetch_bars(workspace, source="mine", first="2026-01-01", last="2026-01-20")
    bars = bars_of(workspace, told)
    assert bars["date"].min() == date(2026, 1, 1)
    assert told["rows"] == {"BTC-USDT": 20, "ETH-USDT": 20}
    spec = DataSpec(source="file", path=told["path"])
    assert inspect(workspace.root / told["path"], spec).found.frequency == "day"


def test_where_bars_are_from_is_kept_with_them(workspace):
    with source(workspace, "binance") as exchange:
        told = fetch_bars(workspace, source="mine", **DAYS, length="1h", name="coins")
        assert told["from"] == exchange.http
    beside = json.loads((workspace.data / ".coins.source.json").read_text())
    assert beside["licence"].startswith("Market data of Binance")
    assert beside["caveats"]
    assert (beside["from_day"], beside["to_day"]) == ("2026-01-01", "2026-01-02")
    within = pl.read_parquet_metadata(workspace.data / "coins.parquet")["qraft.source"]
    assert json.loads(within)["licence"] == beside["licence"]


def test_the_same_again_asks_nobody_and_other_content_replaces_nothing(workspace):
    with source(workspace, "binance") as exchange:
        first = fetch_bars(workspace, source="mine", **DAYS, length="1h", name="coins")
        asked = len(exchange.asked)
        assert fetch_bars(workspace, source="mine", **DAYS, length="1h", name="coins") == first
        assert len(exchange.asked) == asked
        with pytest.raises(BadInput, match="--replace"):
            fetch_bars(workspace, source="mine", first="2026-01-02", length="1h", last="2026-01-02",
                       name="coins")  # fmt: skip
        again = fetch_bars(
            workspace, source="mine", **DAYS, length="1h", name="coins", replace=True
        )
        assert again["rows"] == first["rows"]
        assert len(exchange.asked) == 2 * asked


def test_a_fetch_that_was_stopped_goes_on_behind_its_last_piece(workspace):
    class Stopped(Exception):
        pass

    def stop(symbol, part, rows):
        if part > 0.6:
            raise Stopped

    period = {"first": "2026-01-01", "last": "2026-01-03", "length": "1min"}
    with source(workspace, "okx") as exchange:
        with pytest.raises(Stopped):
            fetch_bars(workspace, source="mine", **period, tell=stop)
        before = len(exchange.asked)
        told = fetch_bars(workspace, source="mine", **period)
        asked = [params["instId"] + params["before"] for _, params in exchange.asked]
        assert len(asked) == len(set(asked))
        assert before > 40
    assert told["rows"] == {"BTC-USDT": 4_320, "ETH-USDT": 4_320}
    assert list((workspace.home / "fetch").iterdir()) == []


def test_patience_that_is_asked_for_is_had(workspace):
    answers, said = [(429, {"Retry-After": "1"}, ""), (503, {}, "")], []

    def rest(path, params):
        return answers.pop() if answers else answering("binance")(path, params)

    with source(workspace, "binance", rest) as exchange:
        say = lambda message, level="info": said.append(message)  # noqa: E731
        fetch_bars(workspace, source="mine", **DAYS, symbols="BTC-USDT", say=say)
        assert exchange.asked_at[2] - exchange.asked_at[1] >= 0.99
    assert any("429" in message for message in said)


@pytest.mark.parametrize(("answer", "kind"), [
    ((451, {}, ""), Refused), ((302, {"Location": "http://127.0.0.1:1/"}, ""), Refused),
    ((200, {}, '{"code":-1121,"msg":"Invalid symbol."}'), Failed), ((200, {}, "[]"), Failed),
    ((200, {}, "<html>"), Failed),
])  # fmt: skip
def test_what_fails_leaves_no_file(workspace, answer, kind):
    with source(workspace, "binance", lambda path, params: answer), pytest.raises(kind):
        fetch_bars(workspace, source="mine", **DAYS)
    assert not workspace.data.exists() or list(workspace.data.iterdir()) == []


@pytest.mark.parametrize(("asked", "said"), [
    ({"source": "binanse"}, "did you mean 'binance'"),
    ({"source": "binance_depth"}, "no history"),
    ({"source": "binance", "length": "2min"}, "no bars of `2min`"),
    ({"source": "binance", "first": "yesterday"}, "no day"),
    ({"source": "binance", "first": "2026-02-01"}, "has no day"),
    ({"source": "binance", "first": "1960-01-01"}, "before"),
    ({"source": "yfinance"}, "no symbols"),
    ({"source": "binance", "symbols": "../x"}, "can be no symbol"),
    ({"source": "binance", "name": "../x"}, "cannot be a file's name"),
])  # fmt: skip
def test_what_cannot_be_asked_for_is_said(workspace, asked, said):
    with pytest.raises(BadInput, match=said):
        fetch_bars(workspace, **({"first": "2026-01-01", "last": "2026-01-02"} | asked))


def test_nobody_is_called_that_nobody_agreed_to(workspace):
    path, _ = write_source(workspace, "mine", base="binance_klines")
    path.write_text(path.read_text() + "history_url: https://evil.example\n")
    with pytest.raises(Forbidden, match="nobody agreed"):
        fetch_bars(workspace, source="mine", **DAYS)


@pytest.mark.slow
def test_a_fetch_that_is_killed_goes_on(workspace, tmp_path):
    """Kills with signal 9 while an answer is under way; what came before is not asked for again."""
    reached = threading.Semaphore(0)

    def rest(path, params):
        reached.release()
        time.sleep(0.01)
        return answering("okx")(path, params)

    with source(workspace, "okx", rest) as exchange:
        command = [
            sys.executable, "-m", "agent.cli.main", "-w", str(workspace.root), "data", "fetch",
            "mine", "--from", "2026-01-01", "--to", "2026-01-02", "--frequency", "1min", "--json",
        ]  # fmt: skip
        environment = child_environment({"XDG_CONFIG_HOME": str(tmp_path / "config")})
        for _ in range(3):
            running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            for _ in range(6):
                assert reached.acquire(timeout=60)
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        asked = [params["instId"] + params["before"] for _, params in exchange.asked]
        # What was under way when a process was killed is asked for once more.
        assert len(asked) - len(set(asked)) <= 3 * 2
    assert json.loads(done.stdout)["rows"] == {"BTC-USDT": 2_880, "ETH-USDT": 2_880}


def yahoo(symbol):
    """What yfinance returns of a symbol, as its documentation shows it."""

    def history(*, start, end, interval, auto_adjust, actions):
        assert (interval, auto_adjust, actions) == ("1d", False, False)
        if symbol == "NONE":
            return pd.DataFrame()
        days = pd.date_range(
            start, end, freq="B", inclusive="left", tz="America/New_York", name="Date"
        )
        closes = [100.0 + n for n in range(len(days))]
        return pd.DataFrame(
            {"Open": closes, "High": [c + 1 for c in closes], "Low": [c - 1 for c in closes],
             "Close": closes, "Adj Close": [c / 2 for c in closes], "Volume": 1_000}, index=days,
        )  # fmt: skip

    return SimpleNamespace(history=history)


def eastmoney(*, symbol, period, start_date, end_date, adjust):
    """What akshare returns of a symbol."""
    days = pd.date_range(start_date, end_date, freq="B").date
    close = [10.0 * (2 if adjust == "hfq" else 1)] * len(days)
    return pd.DataFrame({
        "日期": days, "股票代码": symbol, "开盘": close, "收盘": close, "最高": close,
        "最低": close,
        "成交量": [7] * len(days), "成交额": [7_000.0] * len(days), "振幅": 0.0, "换手率": 0.0,
    })  # fmt: skip


@pytest.fixture
def libraries(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", SimpleNamespace(Ticker=yahoo))
    monkeypatch.setitem(sys.modules, "akshare", SimpleNamespace(stock_zh_a_hist=eastmoney))


@pytest.mark.parametrize(("name", "symbol", "volume"), [
    ("yfinance", "AAPL", 1_000), ("akshare", "600519", 700),
])  # fmt: skip
def test_libraries_bring_days_with_adjusted_closes(workspace, libraries, name, symbol, volume):
    told = fetch_bars(workspace, source=name, symbols=symbol, first="2024-01-01", last="2024-12-31")
    bars = bars_of(workspace, told)
    assert told["rows"] == {symbol: 262}
    assert bars["date"][0] == date(2024, 1, 1)
    assert bars["volume"].unique().to_list() == [volume]
    assert "not point-in-time" in told["caveats"]
    ingested = inspect(workspace.root / told["path"], DataSpec(source="file", path=told["path"]))
    assert ingested.found.frequency == "day"
    assert "adj_close" in ingested.reading["factor"]


def test_libraries_that_fail_or_are_missing_are_said(workspace, libraries, monkeypatch):
    with pytest.raises(Unreachable, match="no prices"):
        fetch_bars(workspace, source="yfinance", symbols="NONE", **DAYS)
    monkeypatch.setitem(sys.modules, "akshare", None)
    with pytest.raises(Failed, match="not installed") as caught:
        fetch_bars(workspace, source="akshare", symbols="600519", **DAYS)
    assert caught.value.remedy == Mend.INSTALL_EXTRA(extra="akshare")


def test_sources_are_listed_shown_and_written(workspace):
    path, asks = write_source(
        workspace,
        "coins",
        base="okx_trades",
        symbols="SOL-USDT, BTC-USDT",
        url="wss://o.example/ws",
    )
    assert "wss://o.example" in asks[0]
    told = show_source(workspace, "coins")
    assert told["symbols"] == ["SOL-USDT", "BTC-USDT"]
    assert told["spec"]["connect"]["url"] == "wss://o.example/ws"
    assert "qraft trust" not in told["document"]
    rows = {row["name"]: row for row in list_sources(workspace)}
    assert rows["coins"]["kind"] == "own"
    path.write_text("name: [")
    rows = {row["name"]: row for row in list_sources(workspace)}
    assert rows["coins"]["about"].startswith("not valid")
    for name, said in (("coins", "not replaced"), ("okx_trades", "ships"), ("A", "cannot name")):
        with pytest.raises(BadInput, match=said):
            write_source(workspace, name, base="okx_trades")
    with pytest.raises(BadInput, match="no wss://"):
        write_source(workspace, "other", base="okx_trades", url="http://x.example")
    assert not (workspace.root / "sources" / "other.yaml").exists()
