from __future__ import annotations

import stat

import pytest

from configs.errors import BadInput, Damaged
from configs.workspace import Workspace
from configs.workspace_key import FILE, VARIABLE, checkpoint_key


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.delenv(VARIABLE, raising=False)
    return Workspace(tmp_path)


def test_it_is_made_once_and_for_its_owner_alone(workspace) -> None:
    key = checkpoint_key(workspace)
    assert len(key) == 32
    assert checkpoint_key(workspace) == key
    (file,) = workspace.home.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_two_workspaces_share_it(workspace, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert checkpoint_key(workspace) != checkpoint_key(Workspace(other))


def test_the_environment_outranks_the_file(workspace, monkeypatch) -> None:
    monkeypatch.setenv(VARIABLE, "sixteen letters!")
    assert checkpoint_key(workspace) == b"sixteen letters!"
    assert not workspace.home.exists()
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(BadInput, match="fewer than 16"):
        checkpoint_key(workspace)


def test_a_file_that_is_no_key_is_refused(workspace) -> None:
    checkpoint_key(workspace)
    (workspace.home / FILE).write_bytes(b"")
    with pytest.raises(Damaged, match="is no key"):
        checkpoint_key(workspace)
