from __future__ import annotations

import os
import stat

import pytest

from configs.errors import BadInput, Damaged, Forbidden
from configs.keys import workspace as module
from configs.keys.workspace import FILE, VARIABLE, checkpoint_key


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The person's state folder, empty."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "qraft"


def test_it_is_made_once_outside_the_workspace_and_for_its_owner_alone(folder) -> None:
    key = checkpoint_key()
    assert len(key) == 32
    assert checkpoint_key() == key
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_environment_outranks_the_file(folder, monkeypatch) -> None:
    monkeypatch.setenv(VARIABLE, "sixteen letters!")
    assert checkpoint_key() == b"sixteen letters!"
    assert not folder.exists()
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(BadInput, match="fewer than 16"):
        checkpoint_key()


def test_a_file_that_is_no_key_is_refused(folder) -> None:
    checkpoint_key()
    (folder / FILE).write_bytes(b"")
    with pytest.raises(Damaged, match="is no key"):
        checkpoint_key()


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o640, 0o602, 0o620, 0o660, 0o604])
def test_a_key_that_others_may_use_is_no_key(folder, mode: int) -> None:
    checkpoint_key()
    (folder / FILE).chmod(mode)
    with pytest.raises(Forbidden, match="others may use it"):
        checkpoint_key()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702])
def test_a_key_in_a_folder_that_others_write_to_is_no_key(folder, mode: int) -> None:
    checkpoint_key()
    folder.chmod(mode)
    with pytest.raises(Forbidden, match="others may use it"):
        checkpoint_key()


def test_a_key_of_another_user_is_no_key(folder, monkeypatch) -> None:
    checkpoint_key()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(Forbidden, match="not to you"):
        checkpoint_key()


def test_a_link_or_a_pipe_is_no_key(folder, tmp_path) -> None:
    checkpoint_key()
    elsewhere = tmp_path / "elsewhere"
    (folder / FILE).rename(elsewhere)
    (folder / FILE).symlink_to(elsewhere)
    with pytest.raises(Forbidden, match="not trusted"):
        checkpoint_key()
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE, 0o600)
    with pytest.raises(Forbidden, match="not trusted"):
        checkpoint_key()


def test_a_known_key_planted_in_the_workspace_is_not_asked(folder, tmp_path) -> None:
    """It was read from there once, whoever had written it."""
    planted = tmp_path / "workspace" / ".qraft"
    planted.mkdir(parents=True)
    (planted / FILE).write_bytes(b"k" * 32)
    assert checkpoint_key() != b"k" * 32


def test_without_a_folder_of_ones_own_a_key_lasts_as_long_as_the_process(
    monkeypatch, tmp_path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    key = checkpoint_key()
    assert len(key) == 32
    assert checkpoint_key() == key
    module._of_this_process.cache_clear()
    assert checkpoint_key() != key
