"""What the README shows is true: its commands run in their order, its examples compute."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.main import COMMANDS
from taskspecs.load import parse
from tests import forked

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
OF_SHELLS = frozenset("|<>&;$`*?~")
"""What only a shell understands in a line."""
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


@pytest.fixture(scope="module")
def pasted(demo_copy):
    """A shell in one folder in which all that is shown is pasted, from the top to the bottom."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY)}
    environment.pop("QRAFT_WORKSPACE", None)

    def run(line: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(line)
        if words[0] == "qraft" and not OF_SHELLS & set(line):
            return forked.run(words[1:], folder=demo_copy.workspace, environment=environment)
        return subprocess.run(
            line, shell=True, cwd=demo_copy.workspace, env=environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("line", [c for c in COMMAND_LINES if shlex.split(c)[1] not in WAITS])
def test_every_command_that_is_shown_runs_after_those_above_it(pasted, line):
    done = pasted(line)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def test_the_examples_in_python_compute_one_after_the_other(pasted):
    """They stand below the commands, and read what these left."""
    done = pasted(
        f"python -W error::DeprecationWarning -c {shlex.quote(chr(10).join(blocks('python')))}"
    )
    assert done.returncode == 0, done.stderr
    assert "annual_return" in done.stdout


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
