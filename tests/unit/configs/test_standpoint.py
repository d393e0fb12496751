"""Advice works from where a person stands."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from configs.standpoint import advise, stand

COMMANDS = ("run", "runs", "gate", "up")


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "a desk"
    (folder / "work").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        (None, "try: qraft runs list", "try: qraft runs list"),
        (".", "try: qraft runs list", "try: qraft runs list"),
        ("work", "try: qraft runs list", "try: qraft -w work runs list"),
        ("./work", "qraft gate show a; qraft up",
         "qraft -w ./work gate show a; qraft -w ./work up"),
        ("work", "another qraft command, `qraft up`", "another qraft command, `qraft -w work up`"),
        ("it's", "qraft run a.yaml", "qraft -w 'it'\"'\"'s' run a.yaml"),
        ("a\\1b", "qraft run a.yaml", "qraft -w 'a\\1b' run a.yaml"),
    ],
)  # fmt: skip
def test_commands_name_the_workspace_as_it_was_given(here, given, text, expected):
    stand(given, COMMANDS)
    assert advise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rm -r {here}/work/x   (then)", "rm -r work/x   (then)"),
        ("ls -ld {here} {here}/work", "ls -ld . work"),
        ("ls -l '{here}/b c.csv'", "ls -l 'b c.csv'"),
        ("rm {here}/-rf", "rm ./-rf"),
        ("ls {here}/", "ls ./"),
        ("ls {here}2/x /other{here}/x", "ls {here}2/x /other{here}/x"),
        ("file://{here}/x", "file://{here}/x"),
        ("ls /elsewhere/x", "ls /elsewhere/x"),
    ],
)
def test_paths_below_are_as_seen_from_here(here, text, expected):
    assert advise(text.format(here=here)) == expected.format(here=here)


@pytest.mark.parametrize("name", ["plain", "with a space", "it's", "-x", "$HOME", "a;b"])
def test_a_path_that_is_shortened_is_the_same_file(here, name):
    (here / name).write_text("found")
    command = advise(f"cat {shlex.quote(str(here / name))}")
    assert str(here) not in command
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "found"
