"""A workspace is found, and nothing leaves it."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.remedies import Mend
from configs.workspace import VARIABLE, Workspace, open_workspace


def test_the_folder_given_outranks_the_variable_and_the_variable_the_current_one(
    tmp_path, monkeypatch
):
    for name in ("given", "variable", "here"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv(VARIABLE, raising=False)
    assert open_workspace().root == tmp_path / "here"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable"))
    assert open_workspace().root == tmp_path / "variable"
    assert open_workspace(str(tmp_path / "given")).root == tmp_path / "given"


def test_finding_one_makes_nothing(tmp_path):
    open_workspace(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_it_must_be_a_folder(tmp_path):
    with pytest.raises(BadInput, match="is not a folder") as refused:
        open_workspace(str(tmp_path / "missing"))
    assert refused.value.remedy == Mend.MAKE_FOLDER(path=tmp_path / "missing")


def test_all_that_qraft_owns_is_below_its_home(tmp_path):
    workspace = Workspace(tmp_path)
    owned = (workspace.locks, workspace.telemetry, workspace.reports)
    assert all(path.is_relative_to(tmp_path / ".qraft") for path in owned)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "out/x"])
def test_paths_stay_inside(tmp_path, path):
    root = tmp_path / "ws"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(BadInput, match="outside the workspace"):
        Workspace(root).inside(path)


def test_paths_inside_are_resolved(tmp_path):
    assert Workspace(tmp_path).inside("data/../data/x.csv") == tmp_path / "data" / "x.csv"
