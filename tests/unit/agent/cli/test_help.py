"""Help is quick, complete, and shows how; every command that reads has `--json`."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from agent.cli.main import COMMANDS, cli
from configs.errors import BadInput

HEAVY = {"polars", "luigi", "pandas", "numpy", "chdb", "clickhouse_connect", "duckdb", "qlib",
         "river", "plotly", "pyarrow", "pydantic", "rich", "obstore"}  # fmt: skip
WRITES = {
    *(f"gate {verb}" for verb in (
        "approve", "clock", "demote", "export", "halt", "migrate", "promote", "reject", "resume",
        "retire", "heads accept", "heads pull", "heads push", "heads stamp", "keys add", "keys new",
        "keys revoke", "policy propose", "policy sign", "runners enrol",
    )),
    "sources new", "events listen", "schedule run", "schedule install", "schedule remove",
}  # fmt: skip
"""Commands whose outcome is what they do, not what they print."""
SERVES = {"ui", "up"}
JSON_ALONE = {"sources schema"}
NOUNS = (
    "data", "sources", "runs", "patterns", "gate", "signals", "events", "schedule", "sql", "ui",
    "up", "doctor",
)  # fmt: skip


def commands(command, path):
    if not isinstance(command, click.Group):
        return {" ".join(path): command}
    context = click.Context(command)
    found = {}
    for name in command.list_commands(context):
        found |= commands(command.get_command(context, name), (*path, name))
    return found


OWN = {
    name: command
    for noun in NOUNS
    for name, command in commands(cli.get_command(click.Context(cli), noun), (noun,)).items()
}


def test_the_first_page_imports_nothing_heavy():
    program = (
        "import sys\nsys.argv = ['qraft', '--help']\nfrom agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stderr.split()) & HEAVY == set()
    assert all(name in done.stdout for name in COMMANDS)


def test_what_only_lists_imports_no_statistics():
    program = "import sys, gate.policy.file, agent.cli.runs.runs; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert {"scipy", "arch", "numba", "luigi"} & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", OWN)
def test_every_command_explains_itself_with_an_example(name):
    text = OWN[name].help
    assert f"Example: qraft {name}" in text
    assert all(option.help or option.show_default or option.type.name == "choice"
               for option in OWN[name].params if isinstance(option, click.Option))  # fmt: skip


@pytest.mark.parametrize("name", [name for name in OWN if name not in WRITES | SERVES | JSON_ALONE])
def test_every_read_has_json(name):
    assert "as_json" in {parameter.name for parameter in OWN[name].params}


@pytest.mark.parametrize(
    "group",
    [
        "data",
        "sources",
        "runs",
        "patterns",
        "gate",
        "signals",
        "schedule",
    ],
)
def test_no_line_of_a_groups_help_is_cut(group, terminal):
    _, _, table = terminal.out(group, "--help").partition("Commands:")
    assert "list" in table
    assert "..." not in table


def test_a_misspelt_command_has_near_matches(terminal):
    with pytest.raises(BadInput, match="did you mean 'patterns'"):
        terminal.call("pattern", "list")
