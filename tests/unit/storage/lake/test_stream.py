"""A streamed frame is one file, whatever pieces it came in, and nothing if it broke off."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest

from storage.lake import stream
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.lake.stream import FrameStream

DATASET = DatasetId("feature", "features", "ab" * 32)
OTHER = DatasetId("feature", "features", "cd" * 32)
ABOUT = {"inputs": {}, "section": {}, "code": ""}
FRAME = pl.DataFrame(
    {
        "symbol": [f"S{n // 90}" for n in range(1_000)],
        "ts": pl.int_range(1_000, eager=True).cast(pl.Datetime("us", "UTC")),
        "x": [None if n % 7 == 0 else float(n) for n in range(1_000)],
    }
)


@pytest.fixture(params=["folder", "memory"])
def lake(request, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "ROW_GROUP", 64)
    return Lake(FolderObjects(tmp_path) if request.param == "folder" else MemoryObjects())


@pytest.mark.parametrize("cuts", [(0, 1_000), (0, 1, 63, 64, 65, 400, 1_000), (0, 640, 1_000)])
def test_pieces_leave_no_trace(lake, cuts):
    whole = lake.commit(DATASET, {"x.parquet": FrameStream([FRAME])}, **ABOUT)
    pieces = (FRAME.slice(a, b - a) for a, b in pairwise(cuts))
    manifest = lake.commit(OTHER, {"x.parquet": FrameStream(pieces)}, **ABOUT)
    assert manifest.file("x.parquet").sha256 == whole.file("x.parquet").sha256
    assert lake.frame(manifest, "x.parquet").equals(FRAME)
    assert manifest.file("x.parquet").rows == 1_000
    assert manifest.file("x.parquet").schema == {k: str(v) for k, v in FRAME.schema.items()}
    with lake.open_file(manifest, "x.parquet") as path:
        assert pl.scan_parquet(path).collect().equals(FRAME)


def test_pieces_leave_no_trace_in_pages(tmp_path):
    """A column of a row group is as large as pages usually get."""
    rows = stream.ROW_GROUP + 5_000
    frame = pl.select(
        symbol=pl.lit("S"), ts=pl.int_range(rows).cast(pl.Datetime("us", "UTC")),
        x=(pl.int_range(rows) * 0.7).sin(), y=pl.int_range(rows).cast(pl.Float32).sqrt(),
    )  # fmt: skip
    lake = Lake(FolderObjects(tmp_path))
    whole = lake.commit(DATASET, {"x.parquet": FrameStream([frame])}, **ABOUT)
    pieces = frame.iter_slices(30_011)
    manifest = lake.commit(OTHER, {"x.parquet": FrameStream(pieces)}, **ABOUT)
    assert manifest.file("x.parquet").sha256 == whole.file("x.parquet").sha256
    assert lake.frame(manifest, "x.parquet").equals(frame)


def test_an_empty_frame_has_its_columns(lake):
    manifest = lake.commit(DATASET, {"x.parquet": FrameStream([FRAME.clear()])}, **ABOUT)
    assert lake.frame(manifest, "x.parquet").schema == FRAME.schema


def test_what_broke_off_does_not_exist(lake):
    def broken():
        yield FRAME
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lake.commit(DATASET, {"x.parquet": FrameStream(broken())}, **ABOUT)
    assert not lake.exists(DATASET)
    assert lake.store.list("feature") == ()
