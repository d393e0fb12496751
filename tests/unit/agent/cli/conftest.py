"""The command line in this process: what it prints, and the error it raises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from agent.cli.main import cli
from configs.settings import PREFIX, Settings

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Terminal:
    """A terminal of 80 columns in a workspace."""

    workspace: Path

    def call(self, *arguments: str) -> Result:
        where = ["--workspace", str(self.workspace)]
        result = CliRunner().invoke(
            cli, [*where, *arguments], standalone_mode=False, env={"COLUMNS": "80"}
        )
        if result.exception:
            raise result.exception
        return result

    def out(self, *arguments: str) -> str:
        return self.call(*arguments).stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.out(*arguments, "--json"))


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


@pytest.fixture
def terminal(tmp_path) -> Terminal:
    """In a workspace in which nothing happened yet."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Terminal(folder)


@pytest.fixture(scope="session")
def done(demo_shell) -> Terminal:
    """In a workspace in which the demo has run; tests only read it."""
    return Terminal(demo_shell.workspace)


@pytest.fixture
def prices(tmp_path) -> Path:
    """A small file of bars, with a column that nobody could guess and a cell that is missing."""
    rows = [
        {"ticker": ticker, "date": f"2020-01-{day:02}", "open": 10.0, "high": 12.0, "low": 9.0,
         "close": None if (ticker, day) == ("B", 7) else 11.0, "volume": 100 + day}
        for ticker in ("A", "B")
        for day in range(1, 29)
    ]  # fmt: skip
    path = tmp_path / "prices.csv"
    pl.DataFrame(rows).write_csv(path)
    return path
