"""A result exists when its manifest does, and is never used when its bytes differ."""

from __future__ import annotations

import polars as pl
import pytest

from configs.errors import Damaged, Failed
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.lake.objects import FolderObjects, MemoryObjects

DATASET = DatasetId("feature", "features", "ab" * 32)
FRAME = pl.DataFrame({"symbol": ["A", "B"], "x": [1.0, None]})
ABOUT = {"inputs": {"ingest": "cd" * 32}, "section": {"define": {}}, "code": "ef" * 32}


@pytest.fixture(params=["folder", "memory"])
def lake(request, tmp_path):
    return Lake(FolderObjects(tmp_path) if request.param == "folder" else MemoryObjects())


def test_what_is_committed_is_read_back(lake):
    manifest = lake.commit(DATASET, {"x.parquet": FRAME, "note.json": b"{}"}, **ABOUT)
    assert lake.manifest(DATASET) == manifest
    assert lake.frame(manifest, "x.parquet").equals(FRAME)
    assert lake.read(manifest, "note.json") == b"{}"
    assert manifest.file("x.parquet").rows == 2
    assert [m.dataset for m in lake.manifests("feature")] == [DATASET]


def test_without_a_manifest_there_is_no_result(lake):
    lake.store.put(f"{DATASET.prefix}/0123-x.parquet", b"left by a killed process")
    assert not lake.exists(DATASET)
    with pytest.raises(Failed, match="there is no result"):
        lake.manifest(DATASET)
    assert list(lake.manifests("feature")) == []


def test_equal_commits_give_equal_bytes_and_do_not_disturb_each_other(lake):
    first = lake.commit(DATASET, {"x.parquet": FRAME}, **ABOUT)
    before = lake.store.get(DATASET.manifest_path)
    assert lake.commit(DATASET, {"x.parquet": FRAME}, **ABOUT) == first
    assert lake.store.get(DATASET.manifest_path) == before


def test_the_first_of_two_writers_wins_and_stays_whole(lake):
    first = lake.commit(DATASET, {"x.parquet": FRAME}, **ABOUT)
    second = lake.commit(DATASET, {"x.parquet": FRAME.reverse()}, **ABOUT)
    assert second == first
    assert lake.frame(second, "x.parquet").equals(FRAME)


@pytest.mark.parametrize("position", [0, 7, -1])
def test_a_changed_byte_is_found_and_the_file_not_used(lake, position):
    manifest = lake.commit(DATASET, {"x.parquet": FRAME}, **ABOUT)
    stored = manifest.file("x.parquet")
    raw = bytearray(lake.store.get(stored.path))
    raw[position] ^= 1
    lake.store.put(stored.path, bytes(raw))
    with pytest.raises(Damaged, match="differs from its manifest"):
        lake.frame(manifest, "x.parquet")


def test_a_missing_file_is_said(lake):
    manifest = lake.commit(DATASET, {"x.parquet": FRAME}, **ABOUT)
    lake.store.delete(manifest.file("x.parquet").path)
    with pytest.raises(Damaged, match="is gone"):
        lake.read(manifest, "x.parquet")


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"format": 2}', b'{"format": 1}', b"\xff"])
def test_a_manifest_that_cannot_be_read_is_damaged(lake, raw):
    lake.store.put(DATASET.manifest_path, raw)
    with pytest.raises(Damaged):
        lake.manifest(DATASET)
