"""Files of one source that are not written alike: none is read in another's way."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from tasks.ingest import inspect
from taskspecs.schema import DataSpec

DAYS = [f"2024-01-{day:02d}" for day in range(2, 14)]
USUAL = "Date,Open,High,Low,Close,Volume", "{day},10.5,11.25,9.75,10.25,700"


@pytest.fixture
def joined(tmp_path):
    """Read a folder of one file a symbol, each given as its headings and a row."""

    def run(*files, **keys):
        folder = tmp_path / "folder"
        folder.mkdir()
        for symbol, (headings, row) in zip("AB", files, strict=True):
            rows = "\n".join(row.format(day=day, at=at) for at, day in enumerate(DAYS))
            (folder / f"{symbol}.csv").write_text(f"{headings}\n{rows}\n", encoding="utf-8")
        return inspect(folder, DataSpec(source="file", path="folder", **keys))

    return run


@pytest.mark.parametrize(
    ("other", "column", "value", "keys"),
    [
        pytest.param(("Datum;Eröffnung;Hoch;Tief;Schluss;Stück", "{day};1,5;2,5;1,25;2,25;1.000"),
                     "close", 2.25, {}, id="decimal comma"),
        pytest.param(("Datum;Schluss;Stück", "{day};2,25;1.000"), "volume", 1_000.0, {},
                     id="thousands"),
        pytest.param(("日期,收盘,成交量(手)", "{day},2.25,7"), "volume", 700.0, {}, id="lots"),
        pytest.param(("date,px", "{day},2.25"), "close", 2.25, {"columns": {"close": "px"}},
                     id="a column that only one has"),
        pytest.param(("date,close,vol,amount", "{day},2.25,7,1575"), "volume", 700.0, {},
                     id="units told by amounts"),
        pytest.param(("date;close", "{day};15.923"), "close", 15.923, {"decimal": "."},
                     id="a mark that nothing else tells"),
        pytest.param(("date;close;volume", "{day};2.25;7"), "volume", 21.0, {"volume_unit": 3},
                     id="a unit that is told, once"),
        pytest.param(("date;close;volume", "{day};225;7"), "close", 2.25, {"price_unit": 0.01},
                     id="a unit of prices, once"),
        pytest.param(("date;close;adj close", "{day};2.25;2.25"), "close", 2.25, {},
                     id="one knows of adjustment"),
        pytest.param(("PERMNO,date,PRC", "B,{day},-2.25"), "close", 2.25, {}, id="midpoints"),
        pytest.param(("date;open;high;low;close", "{day};2.25;2.25;2.25;2.25"), "close", 2.25, {},
                     id="one has no volume, and is not suspended"),
    ],
)  # fmt: skip
def test_each_is_read_in_its_own_way(joined, other, column, value, keys):
    bars = joined(USUAL, other, **keys).bars
    assert bars["symbol"].unique().sort().to_list() == ["A", "B"]
    read = bars.filter(symbol="B")
    assert read.height == len(DAYS)
    assert read[column].to_list() == [pytest.approx(value, rel=1e-12)] * len(DAYS)
    unit = keys.get("price_unit", 1), keys.get("volume_unit", 1)
    usual = bars.filter(symbol="A").select("close", "volume").unique().row(0)
    assert usual == pytest.approx((10.25 * unit[0], 700.0 * unit[1]))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (("date;close", "{day};15.923"), r"B\.csv.*thousands or decimals"),
        (("Day;Close", "0{at};1"), r"cannot be read as a time"),
        (("timestamp,close", "17041536{at:02d}000,1"), "cannot stand in one column"),
        (("date;close;cells", "{day};x;1"), "no number in most rows"),
        (("note", "bought on {day}"), r"B\.csv.*no column"),
    ],
)
def test_what_one_does_not_tell_is_not_told_by_another(joined, other, message):
    with pytest.raises(BadInput, match=message):
        joined(("Date;Open;High;Low;Close;Volume", "{day};97,25;97,25;97,25;97,25;100"), other)


def test_adjusted_prices_are_not_mixed_with_factors(joined):
    with pytest.raises(BadInput, match="adjustment"):
        joined(("date,close,adj close", "{day},2,1"), ("date,close,adj_factor", "{day},2,0.5"))


def test_what_is_repaired_in_parts_is_counted(tmp_path, counts):
    text = "date,close,volume\n2024-01-02,1,5\n2024-01-03,1,x\n2024-01-04,1,5\n"
    (tmp_path / "A.csv").write_text(text)
    (tmp_path / "B.csv").write_text(text.replace(",", ";"))
    read = inspect(tmp_path, DataSpec(source="file", path="folder"))
    assert counts(read)["unreadable_number"] == 2
