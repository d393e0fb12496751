"""`qraft sources` and `qraft data fetch`: what they print, and what they refuse."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from configs.errors import BadInput, Forbidden
from taskspecs.sources.catalogue import shipped
from taskspecs.sources.consent import require_consent
from taskspecs.sources.load import load
from tests.consent import agree_to_source
from tests.exchange.histories import answering
from tests.exchange.serving import served


def test_sources_are_listed(terminal):
    rows = {row["name"]: row for row in terminal.json("sources", "list")}
    assert set(shipped()) < set(rows)
    assert (rows["okx_trades"]["by"], rows["okx_trades"]["history"]) == ("websocket", "okx")
    assert rows["yfinance"]["kind"] == "library"
    assert "binance_usdm_klines" in terminal.out("sources", "list")


def test_a_source_is_written_shown_and_listed(terminal):
    done = terminal.call(
        "sources", "new", "coins", "--base", "bybit_trades", "--symbols", "SOL-USDT"
    )
    assert "before it runs: qraft" in done.stderr
    assert "wss://stream.bybit.com" in done.stderr
    told = terminal.json("sources", "show", "coins")
    assert told["their symbols"] == ["SOLUSDT"]
    assert "takes no more" in terminal.out("sources", "show", "coins")
    assert {row["name"] for row in terminal.json("sources", "list")} > {"coins", "bybit_trades"}
    with pytest.raises(BadInput, match="not replaced"):
        terminal.call("sources", "new", "coins")
    with pytest.raises(BadInput, match="did you mean 'coins'"):
        terminal.call("sources", "show", "coin")


def test_a_person_agrees_at_the_terminal_to_whom_a_source_calls(terminal, monkeypatch):
    terminal.call("sources", "new", "coins", "--base", "kraken_trades", "--url", "wss://k.example/")
    path = terminal.workspace / "sources" / "coins.yaml"
    spec, _ = load(path)
    asked = []
    monkeypatch.setattr("agent.cli.trust._ask", lambda question: asked.append(question) or "no")
    with pytest.raises(Forbidden, match="not agreed"):
        terminal.call("trust")
    with pytest.raises(Forbidden, match=r"k\.example"):
        require_consent(spec, path)
    monkeypatch.setattr("agent.cli.trust._ask", lambda question: "y")
    assert "wss://k.example" in terminal.call("trust").stderr
    require_consent(spec, path)
    assert "nothing to agree to" in terminal.call("trust").stderr


def test_the_schema_is_one_and_all_that_ships_is_of_it(terminal):
    schema = json.loads(terminal.out("sources", "schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in shipped().values():
        validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert not validator.is_valid({"name": "x", "connect": {"by": "carrier pigeon"}})


def test_bars_are_fetched_once_somebody_agreed(terminal):
    with served(answering("binance")) as exchange:
        terminal.call("sources", "new", "mine", "--base", "binance_klines")
        path = terminal.workspace / "sources" / "mine.yaml"
        path.write_text(path.read_text() + f"history_url: {exchange.http}\n")
        asked = ("data", "fetch", "mine", "--from", "2026-01-01", "--to", "2026-01-03")
        with pytest.raises(Forbidden, match="nobody agreed"):
            terminal.call(*asked)
        agree_to_source(load(path)[0])
        done = terminal.call(*asked)
    assert "data: {source: file, path: data/binance_day.parquet}" in done.stdout
    assert "licence: Market data of Binance" in done.stderr
    assert "100%" in done.stderr
    listed = {row["name"] for row in terminal.json("data", "list")}
    assert listed == {"sample", "data/binance_day.parquet"}
    file = terminal.workspace / "data" / "binance_day.parquet"
    assert terminal.json("data", "check", str(file))["rows"] == 6
