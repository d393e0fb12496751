"""The catalogue is whole, and what is written beside it says the same."""

from __future__ import annotations

from dataclasses import fields

import polars as pl
import pytest

from scripts.docs.outputs import PAGE, write_outputs
from storage.warehouse.schema import TABLES as WAREHOUSE
from storage.warehouse.schema import Kind as Stored
from tasks.dag.outputs import COPIED, OUTPUTS, SHOWN, TABLES, Kind, named
from tasks.dag.stages import STAGES
from tasks.report.inputs import ReportInputs

KINDS = {
    Kind.TEXT: {Stored.TEXT, Stored.WORD},
    Kind.COUNT: {Stored.COUNT},
    Kind.NUMBER: {Stored.FLOAT},
    Kind.TIME: {Stored.TIME},
    Kind.SCORES: {Stored.SCORES},
}
MADE_BY_THE_REPORT = {"regimes"}


def test_every_output_has_a_name_of_its_own_and_the_order_of_the_dag():
    names = [output.name for output in OUTPUTS]
    assert len(set(names)) == len(names)
    files = [(output.stage, output.file) for output in OUTPUTS]
    assert len(set(files)) == len(files)
    order = [stage.name for stage in STAGES]
    places = [order.index(output.stage) for output in OUTPUTS]
    assert places == sorted(places)


@pytest.mark.parametrize("output", TABLES, ids=lambda output: output.name)
def test_a_row_is_named_by_columns(output):
    assert output.key
    assert set(output.key) <= set(output.names)


@pytest.mark.parametrize("output", COPIED, ids=lambda output: output.name)
def test_the_warehouse_has_the_same_columns(output):
    (table,) = [table for table in WAREHOUSE if table.name == output.table]
    run, *columns = table.columns
    assert run.name == table.partition == "run_id"
    assert [column.name for column in columns] == list(output.names)
    for ours, theirs in zip(output.columns, columns, strict=True):
        assert theirs.kind in KINDS[ours.kind], ours.name
        assert theirs.nullable or theirs.kind is not Stored.FLOAT


def test_the_report_takes_what_the_catalogue_shows():
    taken = {field.name: str(field.type) for field in fields(ReportInputs)}
    assert set(SHOWN) <= set(taken)
    frames = {name for name, kind in taken.items() if kind == "pl.DataFrame"}
    assert frames == {n for n, output in SHOWN.items() if output.columns} | MADE_BY_THE_REPORT


def test_columns_are_told_from_others():
    bars = {column.name: column.kind.value for column in named("bars").columns}
    assert named("bars").fits(bars)
    without = {name: kind for name, kind in bars.items() if name != "vwap"}
    assert named("bars").fits(without)
    assert not named("bars").fits({**bars, "more": "Float64"})
    assert not named("bars").fits({**bars, "close": "Float32"})
    assert not named("bars").fits(dict(reversed(bars.items())))
    assert named("features").fits({**dict(list(bars.items())[:2]), "momentum": "Float32"})
    assert not named("features").fits({**dict(list(bars.items())[:2]), "momentum": "Float64"})


def test_a_schema_is_polars_own():
    assert named("ic").schema() == pl.Schema(
        {"ts": pl.Datetime("us", "UTC"), "ic": pl.Float64, "rank_ic": pl.Float64, "n": pl.Int64}
    )
    for output in TABLES:
        told = {name: str(kind) for name, kind in output.schema().items()}
        assert told == {column.name: column.kind.value for column in output.columns}


def test_the_page_of_outputs_is_the_catalogue():
    assert PAGE.read_text(encoding="utf-8") == write_outputs()
