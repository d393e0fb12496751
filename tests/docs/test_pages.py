"""What pages show is true: their commands run in their order, what they name is there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import click
import pytest

from agent.cli.main import COMMANDS
from taskspecs.load import parse
from tests import forked
from tests.docs.pages import DOCS, FOLLOWED, README, REPOSITORY, TUTORIAL, WRITTEN, blocks, steps
from tests.terminal import typed

WAITS = {"mcp", "serve", "ui", "up"}
"""Commands that serve until they are stopped."""
OF_SHELLS = frozenset("|<>&;$`*?~")
"""What only a shell understands in a line."""
WORDS = "a few good words"
ANSWERS = {
    "keys": [("passphrase for the key of ann", WORDS), ("the same again", WORDS)],
    "approve": [("passphrase of ann", WORDS)],
    "promote": [],
}
"""What a person types, by the command of the gate."""
STEPS = [step for page in FOLLOWED for step in steps(page)]


def test_every_command_is_shown():
    shown = {shlex.split(step.what)[1] for step in STEPS if step.kind != "file"}
    assert shown == set(COMMANDS)


class Reader:
    """Somebody who does in one folder what the pages show."""

    def __init__(self, folder):
        self.folder = folder
        self.public_key = ""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY)}
        self.environment.pop("QRAFT_WORKSPACE", None)

    def file(self, name, text):
        text = text.replace('"ed25519:..."', f'"{self.public_key}"')
        (self.folder / name).write_text(text, encoding="utf-8")

    def sh(self, line, _):
        done = self._done(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    def _done(self, line):
        words = shlex.split(line)
        if words[0] == "qraft" and not OF_SHELLS & set(line):
            return forked.run(words[1:], folder=self.folder, environment=self.environment)
        return subprocess.run(
            line, shell=True, cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip

    def console(self, line, _):
        arguments = shlex.split(line)[1:]
        code, shown = typed(self.folder, ANSWERS[arguments[1]], *arguments, folder=self.folder)
        assert code == 0, f"{line}\n{shown}"
        for key in re.findall(r"ann: (ed25519:\S+)", shown):
            self.public_key = key


@pytest.fixture(scope="module")
def reader(demo_copy):
    return Reader(demo_copy.workspace)


@pytest.mark.parametrize(
    "step",
    [s for s in STEPS if s.kind == "file" or shlex.split(s.what)[1] not in WAITS],
    ids=lambda step: f"{step.page}: {step.what}",
)
def test_everything_that_is_shown_works_after_what_is_above_it(reader, step):
    getattr(reader, step.kind)(step.what, step.text)


def _named():
    """Commands that pages name in a sentence or show as a text."""
    for page in WRITTEN:
        text = page.read_text("utf-8")
        lines = [line for block in blocks(page) for line in block.text.splitlines()]
        shown = [line for line in lines if re.match(r"(\$ )?qraft ", line)]
        for line in [*re.findall(r"`(qraft [^`]+)`", text.replace("\n", " ")), *shown]:
            yield page.relative_to(REPOSITORY), re.split(r" #|   ", line.removeprefix("$ "))[0]


@pytest.mark.parametrize(("page", "line"), sorted(set(_named()), key=str))
def test_commands_and_options_that_are_named_exist(page, line):
    words = [word for word in line.split()[1:] if word != "..."]
    if words[0] in {"-w", "[-w"}:
        words = words[2:]
    if words[0].startswith("-") or words[0].isupper():
        return
    module, _, attribute = COMMANDS[words[0]][0].partition(":")
    command = getattr(import_module(module), attribute)
    rest = words[1:]
    while isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        assert rest[0] in command.commands, f"{line}: no `{rest[0]}`"
        command, rest = command.commands[rest[0]], rest[1:]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in rest if re.fullmatch(r"--[a-z][a-z-]*", word)} <= options, line


def test_the_newest_version_is_the_one_that_changes_tell_of():
    changes = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", changes, flags=re.MULTILINE)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert versions[0] == project["version"] == metadata.version("qraft")
    kinds = set(re.findall(r"^### (.+)$", changes, flags=re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_readme_is_short_and_leads_to_what_is_there():
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= 150
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets
    assert [target for target in targets if not (REPOSITORY / target).exists()] == []


@pytest.mark.parametrize("page", [README, DOCS / "how-to" / "taskspec.md"], ids=lambda p: p.name)
def test_the_taskspec_that_is_shown_loads(page):
    (block,) = blocks(page, "yaml")
    assert parse(block.text).name == "my_momentum"


def test_the_model_that_is_shown_loads():
    (block,) = blocks(DOCS / "how-to" / "taskspec.md", "yml")
    assert parse(f"name: shown\n{block.text}").signal.model.kind == "lightgbm"


def test_the_map_shows_the_folders_that_there_are():
    house = (DOCS / "explanation" / "house.md").read_text("utf-8")
    shown = set(re.findall(r"^\| `(\w+)/` \|", house, flags=re.MULTILINE))
    there = {p.name for p in REPOSITORY.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert shown == there - {"__pycache__", "data", "site"}


def test_each_step_of_the_tutorial_is_there_in_chinese_with_the_same_commands():
    chinese = sorted((DOCS / "zh").glob("[0-9]-*.md"))
    assert [page.name for page in chinese] == [page.name for page in TUTORIAL]
    for ours, theirs in zip(TUTORIAL, chinese, strict=True):
        assert blocks(ours) == blocks(theirs), theirs.name
        assert re.search(r"[一-鿿]", theirs.read_text("utf-8"))
