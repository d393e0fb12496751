"""What the system refuses is told as an error of ours, with one command that helps."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.wording import word
from configs.errors import Failed, QraftError, Unreachable
from configs.faults import FAULTS, as_errors, error_of, fault_in
from configs.remedies import Mend
from tests import forked

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_number_of_the_system_is_told(number, tmp_path):
    path = tmp_path / "a b" / "c"
    error = error_of(OSError(number, os.strerror(number), str(path)))
    assert type(error) in {Failed, Unreachable}
    assert shlex.quote(str(path)) in error.what
    assert error.remedy
    assert "{" not in str(error)


@pytest.mark.parametrize("number", sorted(FAULTS))
def test_one_without_a_path_is_told_too(number):
    error = error_of(OSError(number, os.strerror(number)))
    assert os.strerror(number).lower() in str(error).lower()
    assert error.remedy
    assert "{" not in str(error)


def test_a_file_in_the_way_is_named_and_the_command_moves_it(tmp_path):
    (tmp_path / ".qraft").write_text("mine")
    with pytest.raises(Failed) as caught, as_errors():
        (tmp_path / ".qraft" / "locks").mkdir(parents=True)
    assert f"{tmp_path}/.qraft is not a folder" in caught.value.what
    subprocess.run(word(caught.value.remedy), shell=True, check=True, cwd="/")
    (tmp_path / ".qraft" / "locks").mkdir(parents=True)
    assert (tmp_path / ".qraft.old").read_text() == "mine"


def test_a_driver_that_only_says_the_number_is_understood(tmp_path):
    text = f"Generic LocalFileSystem error: {tmp_path}/x: No space left on device (os error 28)"
    error = fault_in(text, tmp_path / "x")
    assert "no space left on device" in error.what
    assert error.remedy == Mend.FREE_SPACE(folder=tmp_path)
    assert fault_in("the connection was cut", tmp_path) is None


def test_a_reader_that_left_is_no_fault():
    with pytest.raises(BrokenPipeError), as_errors():
        raise BrokenPipeError
    with pytest.raises(QraftError), as_errors():
        raise QraftError("ours")


OF_FILES = {
    "a file stands where .qraft must be": (".qraft", "run us_momentum"),
    "a file stands where the lake must be": (".qraft/lake", "run us_momentum"),
    "a workspace that takes nothing": ("other", "-w /proc run us_momentum"),
    "a folder that is a file": ("data", "data load {root}/pyproject.toml"),
}
OF_THE_SHELL = {
    "files that may not grow": ("ulimit -f 0", "run us_momentum"),
    "a full disk behind the output": ("exec >/dev/full", "gate list --json"),
}


def assert_told(ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode in {1, 2}, ended
    assert "should not have happened" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "error: " in ended.stderr


@pytest.mark.parametrize("fault", OF_FILES)
def test_files_that_stand_in_the_way_are_nobodys_mistake(fault, tmp_path):
    file, command = OF_FILES[fault]
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    arguments = shlex.split(command.format(root=ROOT))
    assert_told(forked.run(arguments, folder=tmp_path, environment=environment))


@pytest.mark.parametrize("fault", OF_THE_SHELL)
def test_ordinary_faults_are_nobodys_mistake(fault, tmp_path):
    before, command = OF_THE_SHELL[fault]
    program = f"{shlex.quote(sys.executable)} -m agent.cli.main {command}"
    ended = subprocess.run(
        ["bash", "-c", f"{before or 'true'}; {program}"], cwd=tmp_path, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert_told(ended)
