from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from configs.errors import BadInput
from configs.workspace import Workspace
from storage.lake.objects import MemoryObjects
from tasks.ingest.origin.sources import digest, locate
from tasks.runs.fetching import fetch
from taskspecs.schema import DataSpec


def spec(path):
    return DataSpec(source="file", path=str(path))


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "work"
    (root / "prices").mkdir(parents=True)
    (root / "prices" / "bars.csv").write_bytes(b"date,close\n")
    (tmp_path / "secret.csv").write_bytes(b"x")
    return root


def test_digest_is_the_sha256_of_the_bytes(workspace):
    assert digest(spec("prices/bars.csv"), workspace) == hashlib.sha256(b"date,close\n").hexdigest()


def test_absolute_paths_inside_the_workspace_are_fine(workspace):
    inside = workspace / "prices" / "bars.csv"
    assert locate(spec(inside), workspace) == inside.resolve()


@pytest.mark.parametrize("path", ["../secret.csv", "prices/../../secret.csv", "/etc/hosts", "a\0b"])
def test_paths_that_leave_are_refused(workspace, path):
    with pytest.raises(BadInput, match="leaves the workspace"):
        locate(spec(path), workspace)


def test_links_that_leave_are_refused(workspace):
    (workspace / "link.csv").symlink_to(workspace.parent / "secret.csv")
    with pytest.raises(BadInput, match="leaves the workspace"):
        locate(spec("link.csv"), workspace)


def test_missing_file_names_near_matches(workspace):
    with pytest.raises(BadInput, match=r"did you mean 'bars\.csv'"):
        locate(spec("prices/bras.csv"), workspace)


def test_missing_folder_is_named(workspace):
    with pytest.raises(BadInput, match="there is no folder"):
        locate(spec("price/bars.csv"), workspace)


def test_a_folder_has_one_digest_that_its_files_decide(workspace):
    folder = locate(spec("prices"), workspace)
    before = digest(spec("prices"), workspace)
    assert folder == (workspace / "prices").resolve()
    (folder / ".hidden").write_bytes(b"not read")
    assert digest(spec("prices"), workspace) == before
    (folder / "more.csv").write_bytes(b"date,close\n")
    assert digest(spec("prices"), workspace) != before


def test_the_workspace_itself_is_no_source(workspace):
    with pytest.raises(BadInput, match="is a folder"):
        locate(spec("."), workspace)


def test_sample_is_found_without_importing_anything_heavy():
    code = (
        "import sys; from pathlib import Path; from taskspecs.schema import DataSpec;"
        "from tasks.ingest.origin.sources import digest;"
        "assert len(digest(DataSpec(), Path('.'))) == 64;"
        "heavy = {'polars', 'pandas', 'shapely', 'bokeh_sampledata'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "path",
    ["prices.csv", "dropped", "dropped/", "dropped/../ledger/1.json", "/dropped/a.csv",
     "dropped//a", "dropped/./a.csv", "dropped/a b.csv", "refined/ingest/a.parquet"],
)  # fmt: skip
def test_a_study_names_nothing_of_the_lake_but_what_was_dropped(path):
    with pytest.raises(ValueError, match="cannot be in the lake"):
        DataSpec(source="lake", path=path)


def test_what_is_in_the_lake_is_read_from_its_copy(workspace):
    data = DataSpec(source="lake", path="dropped/bars.csv")
    store = MemoryObjects()
    with pytest.raises(BadInput, match=r"the lake has no raw/dropped/bars\.csv"):
        fetch(data, Workspace(workspace), store)
    for content in (b"one", b"two"):
        store.put("raw/dropped/bars.csv", content)
        fetch(data, Workspace(workspace), store)
        assert digest(data, workspace) == hashlib.sha256(content).hexdigest()


def test_a_copy_is_not_written_through_a_link_that_leaves(workspace):
    data = DataSpec(source="lake", path="dropped/bars.csv")
    store = MemoryObjects()
    store.put("raw/dropped/bars.csv", b"one")
    (workspace / ".qraft").mkdir()
    (workspace / ".qraft" / "fetched").symlink_to(workspace.parent)
    with pytest.raises(BadInput, match="outside the workspace"):
        fetch(data, Workspace(workspace), store)
