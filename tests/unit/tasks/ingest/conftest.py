from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from tasks.ingest import inspect, read
from taskspecs.schema import DataSpec


def _spec(**keys) -> DataSpec:
    return DataSpec(source="file", path="bars.csv", **keys)


@pytest.fixture
def ingest(tmp_path):
    """Read a CSV given as text or bytes, or a frame written as Parquet."""

    def run(content, *, name="bars.csv", look=False, **keys):
        path = tmp_path / "landed"
        if isinstance(content, pl.DataFrame):
            buffer = io.BytesIO()
            content.write_parquet(buffer)
            content = buffer.getvalue()
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if look:
            return inspect(path, _spec(**keys), original_name=name)
        return read(_spec(**keys), path, original_name=name)

    return run


@pytest.fixture
def counts():
    """Return how often each rule applied, without those that did not."""

    def count(ingested) -> dict[str, int]:
        return {r: n for r, n in ingested.health.select("rule", "count").iter_rows() if n}

    return count


@pytest.fixture
def shared_data():
    """Return a real file, or skip."""

    def find(name: str) -> Path:
        path = Path(__file__).parents[4].parent / "shared" / "data" / name
        if not path.is_file():
            pytest.skip(f"the real data file {name} is not here")
        return path

    return find
