"""What the README shows is true: its commands run, its TaskSpec loads, its map is the house."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from agent.cli.main import COMMANDS
from taskspecs.load import parse

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
WAITS = {"mcp", "ui", "up"}
"""Commands that serve until they are stopped."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMAND_LINES = [
    line.partition(" #")[0].strip()
    for block in blocks("sh")
    for line in block.splitlines()
    if line.startswith("qraft ")
]


def test_every_command_is_shown():
    # The demo is shown as scripts/demo.
    assert {shlex.split(line)[1] for line in COMMAND_LINES} | {"demo"} == set(COMMANDS)


@pytest.mark.parametrize("line", [c for c in COMMAND_LINES if shlex.split(c)[1] not in WAITS])
def test_every_command_that_is_shown_runs(demo_copy, line):
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 2, 1), eager=True)
    close = [10 + 0.1 * (n % 7) for n in range(len(days))]
    pl.DataFrame({"Date": days, "Close": close}).write_csv(demo_copy.workspace / "prices.csv")
    arguments = shlex.split(line)[1:]
    if arguments[0] == "ask":
        arguments.append("--plan-only")
    demo_copy.run(*arguments, inside=True)


def test_the_taskspec_that_is_shown_loads():
    (text,) = blocks("yaml")
    assert parse(text).name == "my_momentum"


def test_the_map_shows_the_folders_that_there_are():
    shown = set(re.findall(r"^\| `(\w+)/` \|", README, flags=re.MULTILINE))
    there = {p.name for p in REPOSITORY.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert shown == there - {"__pycache__", "data"}


def test_the_model_that_is_shown_loads():
    (text,) = blocks("yml")
    assert parse(f"name: shown\n{text}").signal.model.kind == "lightgbm"
