"""Groups of symbols come from a file, and become part of what is run."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.aggregation.cross_section import compare_symbols
from tasks.aggregation.groups import read_groups, refuse_strangers, with_members
from taskspecs.identity import spec_hash
from taskspecs.load import parse

SPEC = """
name: study
aggregation: {neutralise: group, groups: {path: sectors.csv, symbol: Symbol, group: Sector}}
signal: {expression: $close}
"""
CSV = "Symbol,Sector,Founded\nAAPL,Tech,1976\nIBM,Tech,1911\nXOM,Energy,1999\nFB,,2004\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sectors.csv"
    path.write_text(CSV)
    return path


def test_what_the_file_says_is_part_of_the_identity(file) -> None:
    spec = parse(SPEC)
    pinned = with_members(spec, file.parent)
    assert pinned.aggregation.groups.members == {"AAPL": "Tech", "IBM": "Tech", "XOM": "Energy"}
    assert with_members(spec, file.parent) == pinned
    file.write_text(CSV.replace("Energy", "Oil"))
    assert spec_hash(with_members(spec, file.parent)) != spec_hash(pinned)
    assert with_members(parse("name: a\nsignal: {expression: $close}"), file.parent)


@pytest.mark.parametrize(
    ("old", "new", "key", "what"),
    [
        ("sectors.csv", "sector.csv", "groups.path", "'sectors.csv'"),
        ("sectors.csv", "../x.csv", "groups.path", "leaves the workspace"),
        ("Sector}", "Sectr}", "groups.group", "'Sector'"),
        ("Symbol,", "symbol,", "groups.symbol", "'Symbol'"),
    ],
)
def test_a_file_that_does_not_fit_is_told_where(file, old, new, key, what) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        with_members(parse(SPEC.replace(old, new, 1)), file.parent)
    assert refused.value.place.key == f"aggregation.{key}"


def test_two_groups_of_one_symbol_and_files_that_are_no_table(file) -> None:
    file.write_text(CSV + "IBM,Services,1911\n")
    with pytest.raises(BadInput, match="puts IBM into more than one group"):
        read_groups(file, symbol="Symbol", group="Sector")
    file.write_bytes(b"")
    with pytest.raises(BadInput, match="cannot be read as a CSV"):
        read_groups(file, symbol="Symbol", group="Sector")


def test_groups_of_other_symbols_are_refused(file) -> None:
    spec = with_members(parse(SPEC), file.parent)
    refuse_strangers(spec, ["AAPL", "IBM", "MSFT"])
    with pytest.raises(BadInput, match="no two in the same"):
        refuse_strangers(spec, ["AAPL", "XOM", "MSFT"])


def test_groups_without_neutralising_are_a_mistake() -> None:
    with pytest.raises(BadInput, match="goes with neutralise `group`"):
        parse(SPEC.replace("neutralise: group, ", ""))


def test_real_sectors_of_real_prices(shared_data) -> None:
    sectors = read_groups(
        shared_data / "sp500_constituents.csv", symbol="Symbol", group="GICS Sector"
    )
    assert len(set(sectors.values())) == 11
    prices = pl.read_parquet(shared_data / "sp500_daily.parquet").rename({"Name": "symbol"})
    frame = prices.select("symbol", pl.col("date").alias("ts"), pl.col("close").cast(pl.Float32))
    last = frame.filter(pl.col("ts") == frame["ts"].max())
    ours = compare_symbols(last, normalise="none", neutralise="group", groups=sectors)
    table = last.to_pandas()
    table["group"] = table["symbol"].map(sectors)
    centred = table["close"] - table.groupby("group")["close"].transform("mean")
    expected = dict(zip(table["symbol"], centred, strict=True))
    for symbol, value in ours.select("symbol", "close").drop_nulls().iter_rows():
        assert value == pytest.approx(expected[symbol], rel=1e-4, abs=1e-3)
    assert ours["close"].count() > 300


def test_a_file_that_unpacks_itself_or_is_too_long_is_not_read(tmp_path, monkeypatch):
    packed, long = tmp_path / "packed.csv", tmp_path / "long.csv"
    packed.write_bytes(gzip.compress(b"Symbol,Sector\n" + b"A,x\n" * 100))
    monkeypatch.setattr("tasks.aggregation.groups.LARGEST_BYTES", 100)
    long.write_bytes(b"Symbol,Sector\n" + b"A,x\n" * 100)
    for file in (packed, long):
        with pytest.raises(BadInput, match="is packed, or longer than"):
            read_groups(file, symbol="Symbol", group="Sector")
