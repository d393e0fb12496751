"""`qraft data`: look at a file, take it in whole or not at all, list what is there."""

from __future__ import annotations

import polars as pl
import pytest
import yaml

from agent.cli.wording import word
from configs.errors import BadInput
from taskspecs.load import parse


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_check_tells_and_writes_nothing(terminal, prices):
    page = terminal.call("data", "check", str(prices))
    for words in ("55 bars of 2 symbols", "Columns", "ticker", "Data health", "rows_delivered"):
        assert words in page.stdout
    assert max(map(len, page.stdout.splitlines())) <= 80
    assert list(terminal.workspace.iterdir()) == []


def test_a_check_for_programs_has_every_rule(terminal, prices):
    told = terminal.json("data", "check", str(prices))
    assert (told["rows"], told["symbols"], told["frequency"]) == (55, 2, "day")
    assert told["reading"]["symbol"] == "ticker"
    counts = {rule["rule"]: rule["count"] for rule in told["health"]}
    assert counts["rows_read"] == 56
    assert counts["rows_delivered"] == 55
    assert 0 in counts.values()  # what was looked for and not found is told too


def test_a_loaded_file_is_the_file_and_its_lines_can_be_run(terminal, prices):
    told = terminal.json("data", "load", str(prices), "--name", "mine")
    copy = terminal.workspace / "data" / "mine.csv"
    assert copy.read_bytes() == prices.read_bytes()
    section = yaml.safe_load(told["use"])["data"]
    assert section == {"source": "file", "path": "data/mine.csv"}
    spec = parse(f"name: x\nsignal: {{expression: $close}}\n{told['use']}")
    assert spec.data.path == "data/mine.csv"
    listed = {row["name"]: row["kind"] for row in terminal.json("data", "list")}
    assert listed == {"sample": "sample", "data/mine.csv": "file"}


def test_how_a_file_is_read_is_in_the_lines_that_use_it(terminal, tmp_path, prices):
    odd = tmp_path / "odd.parquet"
    pl.read_csv(prices).rename({"close": "quote 9am"}).write_parquet(odd)
    with pytest.raises(BadInput) as refused:
        terminal.call("data", "check", str(odd))
    assert "quote 9am" in str(refused.value)
    assert "--column" in word(refused.value.remedy)
    told = terminal.json(
        "data", "load", str(odd), "--column", "close=quote 9am", "--timezone", "Asia/Tokyo",
        "--session-close", "15:00",
    )  # fmt: skip
    assert yaml.safe_load(told["use"])["data"] == {
        "source": "file", "path": "data/odd.parquet", "timezone": "Asia/Tokyo",
        "session_close": "15:00", "columns": {"close": "quote 9am"},
    }  # fmt: skip
    assert told["start"] == "2020-01-01T06:00:00+00:00"


def test_a_loaded_file_is_never_written_over_unasked(terminal, prices):
    terminal.call("data", "load", str(prices))
    again = terminal.call("data", "load", str(prices))
    assert "nothing to copy" in again.stderr
    prices.write_text(prices.read_text().replace("11.0", "10.5"))
    before = snapshot(terminal.workspace)
    with pytest.raises(BadInput, match="is there already, with other content"):
        terminal.call("data", "load", str(prices))
    assert snapshot(terminal.workspace) == before
    terminal.call("data", "load", str(prices), "--replace")
    assert (terminal.workspace / "data" / "prices.csv").read_bytes() == prices.read_bytes()


def test_a_file_of_the_workspace_stays_where_it_is(terminal, prices):
    own = terminal.workspace / "deep" / "prices.csv"
    own.parent.mkdir()
    own.write_bytes(prices.read_bytes())
    told = terminal.json("data", "load", str(own))
    assert told["path"] == "deep/prices.csv"
    assert not (terminal.workspace / "data").exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.csv"), (b"not,a,price\n1,2,3\n", "a.csv"), (b"PAR1 but no parquet", "a.parquet")],
)
def test_what_is_no_bars_is_refused_and_not_taken(terminal, tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        terminal.call("data", "load", str(path))
    assert refused.value.exit_code == 2
    assert list(terminal.workspace.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing.csv"], "there is no file"),
        (["{folder}/workspace"], "holds no file"),
        (["{prices}", "--set", "decimals=,"], "did you mean 'decimal'"),
        (["{prices}", "--set", "decimal=;"], "key decimal"),
        (["{prices}x"], "did you mean 'prices.csv'"),
        (["{prices}", "--name", "../x"], "cannot be a file's name"),
        (["{prices}", "--name", "a b"], "cannot be a file's name"),
        (["{prices}", "--column", "close"], "write it as close=Last"),
        (["{prices}", "--column", "close=Nowhere"], "Nowhere"),
        (["{prices}", "--session-close", "25:00"], "key session_close"),
        (["{prices}", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_nothing_is_written(terminal, prices, arguments, expected):
    filled = [a.format(prices=prices, folder=prices.parent) for a in arguments]
    with pytest.raises(BadInput) as refused:
        terminal.call("data", "load", *filled)
    assert expected in str(refused.value)
    assert list(terminal.workspace.iterdir()) == []


def test_the_bars_that_runs_made_are_listed(done):
    (bars,) = [row for row in done.json("data", "list") if row["kind"] == "ingested"]
    assert (bars["symbols"], bars["rows"]) == (5, 12_154)
    assert bars["start"].startswith("2000-03-01")
    assert bars["section"]["data"]["source"] == "sample"
    table = done.out("data", "list")
    assert "2000-03-01 to" in table
    assert max(map(len, table.splitlines())) <= 80


def test_real_files_are_taken_as_they_are(terminal, shared_data):
    told = terminal.json("data", "check", str(shared_data / "btc_perp_1m.parquet"))
    assert (told["frequency"], told["symbols"]) == ("1min", 1)
