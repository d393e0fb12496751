"""`qraft new`: a file of one's own becomes a study that runs; nothing is ever replaced."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from taskspecs.load import load


def test_a_file_becomes_a_study_beside_it(terminal, prices):
    out = terminal.call("new", "my_study", "--data", str(prices))
    path = terminal.workspace / "studies" / "my_study.yaml"
    assert f"next: qraft -w {terminal.workspace} run" in out.stderr
    assert "Chosen by your bars" in out.stdout
    spec, _ = load(path, terminal.workspace)
    assert (spec.name, spec.data.path) == ("my_study", "data/prices.csv")
    assert (terminal.workspace / "data" / "prices.csv").read_bytes() == prices.read_bytes()
    assert (spec.backtest.topk, spec.backtest.n_drop) == (1, 1)
    assert "#" in path.read_text()


def test_how_the_file_is_read_is_written_down(terminal, prices):
    zone = ["--timezone", "America/New_York", "--session-close", "16:00"]
    terminal.call("new", "read_so", "--data", str(prices), *zone)
    spec, _ = load(terminal.workspace / "studies" / "read_so.yaml", terminal.workspace)
    assert (spec.data.timezone, spec.data.session_close) == ("America/New_York", "16:00")


def test_a_study_of_one_symbol_of_many(terminal, prices):
    terminal.call("new", "one", "--data", str(prices), "--symbols", "B")
    spec, _ = load(terminal.workspace / "studies" / "one.yaml", terminal.workspace)
    assert spec.data.symbols == ("B",)
    assert (spec.backtest.strategy, spec.backtest.positive_only) == ("weights", True)


def test_nothing_is_replaced(terminal, prices):
    terminal.call("new", "kept", "--data", str(prices))
    path = terminal.workspace / "studies" / "kept.yaml"
    before = path.read_bytes()
    with pytest.raises(BadInput, match="there already") as refused:
        terminal.call("new", "kept", "--data", str(prices))
    assert refused.value.remedy
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["My Study.yaml"], "as my_study"),
        (["../up"], "as up"),
        (["us_momentum"], "ships with Qraft"),
        (["ok", "--data", "nosuch.csv"], "there is no file"),
        (["ok", "--base", "us_momentun"], "did you mean 'us_momentum'"),
        (["ok", "--symbols", "APPL"], "did you mean 'AAPL'"),
    ],
)
def test_a_mistake_is_said_and_writes_nothing(terminal, arguments, said):
    with pytest.raises(BadInput) as refused:
        terminal.call("new", *arguments)
    assert said in str(refused.value)
    assert not (terminal.workspace / "studies").exists()
