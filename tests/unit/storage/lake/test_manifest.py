"""A manifest says what it said when it was written, or nothing."""

from __future__ import annotations

import json

import pytest

from configs.errors import Damaged
from storage.lake.manifest import DatasetId, Manifest, StoredFile, read_manifest

WHERE = DatasetId("report", "backtest", "4f0c")
WRITTEN = Manifest(
    WHERE,
    (StoredFile("a.parquet", f"{WHERE.prefix}/1-a.parquet", 10, "0" * 64, 3, {"x": "Int64"}),),
    {"ingest": "9a"}, {"topk": 5}, "c0de",
)  # fmt: skip


def test_what_was_written_is_read():
    assert read_manifest(WRITTEN.to_json(), WHERE.manifest_path) == WRITTEN


def test_no_bit_can_be_changed():
    raw = WRITTEN.to_json()
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            with pytest.raises(Damaged):
                read_manifest(bytes(changed), WHERE.manifest_path)


@pytest.mark.parametrize("change", [lambda raw: raw + b" ", lambda raw: raw[:-1],
                                    lambda raw: b" " + raw, lambda raw: raw * 2])  # fmt: skip
def test_nothing_can_be_added_or_cut(change):
    with pytest.raises(Damaged):
        read_manifest(change(WRITTEN.to_json()), WHERE.manifest_path)


def test_it_belongs_where_it_was_written():
    with pytest.raises(Damaged, match="not of its folder"):
        read_manifest(WRITTEN.to_json(), "report/backtest/0000/manifest.json")


def test_the_first_editions_are_read():
    value = json.loads(WRITTEN.to_json())
    del value["digest"]
    old = json.dumps({**value, "format": 1}).encode()
    assert read_manifest(old, WHERE.manifest_path) == WRITTEN


def test_one_that_is_nested_without_end_is_damaged():
    with pytest.raises(Damaged):
        read_manifest(b'{"format": 2, "digest": ' + b"[" * 100_000, WHERE.manifest_path)
