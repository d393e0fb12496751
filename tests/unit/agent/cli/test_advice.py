"""Every command that the program advises is one that there is, and works where a person stands."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path
from string import Formatter

import click
import pytest
from click.testing import CliRunner

from agent.cli import wording
from agent.cli.main import COMMANDS, cli
from agent.cli.wording import WORDS
from configs.errors import QraftError
from configs.faults import FAULTS
from configs.remedies import Mend
from configs.standpoint import advise

REPOSITORY = Path(__file__).parents[4]
ROOMS = ("agent", "configs", "gate", "storage", "tasks", "taskspecs")
GAP = "\N{WHITE SQUARE}"
"""Stands for what is filled in."""
ADVISED = re.compile(rf"(?<![\w/.-])qraft ((?:{'|'.join(COMMANDS)})\b[^`;|,()\n\"]*)")


def texts():
    """Yield the texts of the source, docstrings too, with the place of each."""
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
            parts = {id(value) for node in joined for value in node.values}
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr):
                    yield path, node, "".join(_part(value) for value in node.values)
                elif isinstance(node, ast.Constant) and id(node) not in parts:
                    yield path, node, str(node.value)


def _part(node) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else GAP


@cache
def advised() -> dict[str, str]:
    """Return all commands that the source writes out, and where each stands."""
    return {
        found.strip(): f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path, node, text in texts()
        for found in ADVISED.findall(text)
    }


def test_every_command_that_is_advised_is_there_with_its_options():
    wrong = {}
    for command, place in advised().items():
        said = _misfit(command.split())
        if said:
            wrong[place] = f"qraft {command}: {said}"
    assert len(advised()) > 60
    assert not wrong


def _misfit(words: list[str]) -> str:
    """Say what of a command is not there; prose may follow it."""
    command: click.Command = cli
    context = click.Context(cli)
    for place, word in enumerate(words):
        if not isinstance(command, click.Group):
            return _unknown_option(command, words[place:])
        if GAP in word or word in {"runs", "again", "does", "cannot", "keeps", "is", "has"}:
            return ""
        found = command.get_command(context, word.strip(".:'"))
        if found is None:
            return f"no `{word}`" if place == 0 or (word.islower() and place == 1) else ""
        command = found
    return ""


def _unknown_option(command: click.Command, words: list[str]) -> str:
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    given = [word.partition("=")[0].rstrip(".:'") for word in words if word.startswith("--")]
    return ", ".join(word for word in given if word not in known | {"--help"})


def calls_of_remedies():
    """Yield where the source names a deed: the place, the deed, and what it is told."""
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "Mend":
                    place = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
                    yield place, Mend[node.func.attr], {each.arg for each in node.keywords}


def test_every_deed_is_worded_and_told_only_what_its_words_name():
    assert set(WORDS) == set(Mend)
    named = {deed: {name for _, name, *_ in Formatter().parse(WORDS[deed])} for deed in Mend}
    calls = list(calls_of_remedies())
    assert not [(place, deed) for place, deed, told in calls if told - named[deed]]
    called = {deed for _, deed, _ in calls} | {fault.mend for fault in FAULTS.values()}
    assert set(Mend) - called == set()


def test_every_command_of_a_remedy_is_there_with_its_options():
    commands = [wording.word(deed()) for deed in Mend]
    wrong = {
        said: misfit
        for said in commands
        for command in ADVISED.findall(said)
        if (misfit := _misfit(command.split()))
    }
    assert not wrong


def test_what_a_remedy_is_about_is_quoted_for_a_shell():
    told = Mend.INSPECT_PLACES(folder="/a b", path="/a b/$(reboot)")
    assert shlex.split(wording.word(told)) == ["ls", "-ld", "/a b", "/a b/$(reboot)"]


def test_only_a_face_words_commands():
    """An error's remedy is a deed by name: no text of a command is handed to an error."""
    texts = []
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg in {"next_command", "remedy"}:
                    written = isinstance(node.value, ast.Constant | ast.JoinedStr)
                    if written or node.arg == "next_command":
                        texts.append(f"{path}:{node.value.lineno}")
    assert texts == []


def refuse(*arguments: str) -> str:
    """Call the command line, and return the command that its error advises."""
    with pytest.raises(QraftError) as refused:
        CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    return advise(wording.word(refused.value.remedy))


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder above a workspace whose name wants quotes; a person stands in the upper one."""
    (tmp_path / "my work").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_advised_from_above_a_workspace_works_there(desk):
    assert refuse("-w", "my work", "runs", "show", "last") == "qraft -w 'my work' demo"
    assert refuse("-w", "none", "runs", "list") == "mkdir -p none"
    (desk / "bad.csv").write_text("when,price\nx,1\ny,2\n")
    checked = refuse("-w", "my work", "data", "check", "bad.csv")
    assert shlex.split(checked)[:6] == ["qraft", "-w", "my work", "data", "check", "bad.csv"]


def test_a_new_study_that_is_there_is_advised_by_its_path_from_here(desk):
    days = [f"2020-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]
    rows = [f"{day},{symbol},{10 + n}" for n, day in enumerate(days) for symbol in "ABCDE"]
    (desk / "bars.csv").write_text("\n".join(["date,symbol,close", *rows]))
    call = ("-w", "my work", "new", "mine", "--data", "bars.csv")
    CliRunner().invoke(cli, call, standalone_mode=False, catch_exceptions=False)
    assert refuse(*call) == "qraft -w 'my work' run 'my work/studies/mine.yaml'"


def test_the_next_step_that_is_told_is_of_the_same_workspace(desk):
    told = CliRunner().invoke(cli, ("-w", "my work", "runs", "list"), standalone_mode=False)
    assert told.stderr.strip().endswith("qraft -w 'my work' demo")
