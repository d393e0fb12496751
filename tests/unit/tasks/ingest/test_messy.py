"""What people's files have in them besides bars: each read as it is meant, or refused."""

# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest import inspect, opening
from tasks.ingest.files import limits
from taskspecs.schema import DataSpec


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "column", "values"),
    [
        (",Open,High,Low,Close,Volume\n2020-01-01,1,1,1,1,5\n", "volume", [5.0]),
        ("symbol;date;close;volume\nSAP;02.01.2023;97,25;824.755\n", "volume", [824_755.0]),
        (
            "symbol;date;close;volume\nSAP;02.01.2023;15.923;8\nSAP;03.01.2023;15.823,5;9\n",
            "close",
            [15_923.0, 15_823.5],
        ),
        ("date;close\n2020-01-02;1'234.5\n2020-01-03;999.25\n", "close", [1234.5, 999.25]),
        ("date;close\n2020-01-02;1\u2009234,5\n2020-01-03;999,25\n", "close", [1234.5, 999.25]),
        ('date,close\n2020-01-02,"12,34,567.89"\n', "close", [1_234_567.89]),
        ("date,close,Shares Traded\n2020-01-02,1,7\n", "volume", [7.0]),
        ("date,close,TOTTRDQTY\n2020-01-02,1,7\n", "volume", [7.0]),
        ("date,close,Qty\n2020-01-02,1,7\n", "volume", [7.0]),
        ("日期,收盘价,成交股数\n2020-01-02,1,7\n", "volume", [7.0]),
        ("date,close,Volume USDT\n2020-01-02,1,7\n", "amount", [7.0]),
        ("date,close,volume (in 000s)\n2020-01-02,10,7\n", "volume", [7_000.0]),
        ("date,close\n2020-04-20,18.27\n2020-04-21,-37.63\n", "close", [18.27, -37.63]),
        ("date,close\n44563,1\n44564,2\n", "close", [1.0, 2.0]),
        ("date,close\n2020-01-02,1\n2020-01-0", "close", [1.0]),
        ("date,close\r2020-01-02,1\r2020-01-03,2\r", "close", [1.0, 2.0]),
        ("date,close\n2020-01-02,1\ndate,close\n2020-01-03,2\n", "close", [1.0, 2.0]),
        ("sep=;\ndate;close\n2020-01-02;1,5\n", "close", [1.5]),
        ("date,close,vol\n2020-01-02,1,=1+1\n2020-01-03,1,2\n2020-01-06,1,2\n", "volume",
         [None, 2.0, 2.0]),
        ("<DATE>,<CLOSE>,<TICKVOL>,<VOL>\n2020-01-02,1,7,0\n", "volume", [7.0]),
        ("PERMNO,date,PRC,VOL\n1,20200102,-5.5,7\n1,20200103,5.5,7\n", "close", [5.5, 5.5]),
    ],
)  # fmt: skip
def test_read(ingest, content, column, values):
    assert ingest(content, look=True).bars[column].to_list() == values


ROWS = "2020-01-02{0} 1.5{0} 7\n2020-01-03{0} 2.5{0} 9\n2020-01-06{0} 3.5{0} 9\n"
DRAWN = "| date | close | volume |\n{}\n" + "".join(
    f"| {row} |\n" for row in ROWS.format(" |").splitlines()
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("date,close,volume\n" + ROWS.format(",") + "Average,2.5,8\n", id="average"),
        pytest.param("date,close,volume\n" + ROWS.format(",") + "Total:,,25\n", id="total"),
        pytest.param("date,close,volume\n" + ROWS.format(",") + "合计,7.5,25\n", id="Chinese sum"),
        pytest.param(DRAWN.format("|:---|---:|---|"), id="Markdown"),
        pytest.param("+---+---+---+\n" + DRAWN.format("+---+---+---+") + "+---+---+---+\n3 rows\n",
                     id="boxed"),
        pytest.param(" date | close | volume\n---+---+---\n" + ROWS.format("|") + "(3 rows)\n",
                     id="ruled"),
        pytest.param("date   close  volume\n----   -----  ------\n" + ROWS.format(""),
                     id="underlined"),
        pytest.param("date\tclose\tvolume\t\n" + ROWS.format("\t"), id="headings end in a tab"),
        pytest.param("date\tClose Close price adjusted for splits.\tvolume\n" + ROWS.format("\t"),
                     id="explained"),
        pytest.param("Vreme,close,volume\n" + ROWS.format(","), id="an unknown heading of dates"),
        pytest.param("ticks,close,z\n1577923200,1.5,3\n1578009600,2.5,1\n1578268800,3.5,2\n",
                     id="an unknown heading of epochs"),
    ],
)  # fmt: skip
def test_what_is_around_rows_is_none(ingest, content):
    bars = ingest(content).bars
    assert bars["close"].to_list() == [1.5, 2.5, 3.5]
    assert bars["ts"].dt.day().to_list() == [2, 3, 6]
    assert bars["symbol"].unique().to_list() == ["bars"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("date,close,volume\n2020-01-02,1,0\n2020-01-03,1,0\n", "zero_volume"),
        ("date,close\n2020-01-02,1\n", "missing_columns"),
        ("<DATE>,<CLOSE>,<TICKVOL>,<VOL>\n2020-01-02,1,7,0\n", "tick_volume"),
        ("date,close\n2020-01-02,1\nData provided by X\n", "outside_lines"),
        ("date,open,close\n2020-01-02,1,2\n2020-01-03,2", "cut_line"),
        ("date,close\n2020-04-20,18.27\n2020-04-21,-37.63\n", "negative_price"),
        ("date,close,volume,amount\n2020-01-02,10,5,5000\n", "units"),
        ("date,close,volume,amount\n2020-01-02,10,5,350\n", "unit_mismatch"),
        ('date,close\n2020-01-02,"1,924"\n2020-01-03,924\n', "decimal_guess"),
        ("symbol,date,close\nBTC/USDT,2020-01-02,1\n", "symbol_renamed"),
        ("PERMNO,date,PRC,VOL\n1,20200102,-5.5,7\n1,20200103,5.5,7\n", "midpoint_price"),
        ("date,close\n2020-01-02,1\n2020-01-03,1\n2150-01-03,1\n", "future_bar"),
    ],
)
def test_what_a_person_must_see_is_flagged(ingest, counts, content, rule):
    assert counts(ingest(content, look=True))[rule] >= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("date;close;volume\n2023-01-02;97;824.755\n2023-01-03;98;812.111\n", "`decimal: ','`"),
        ("date;close\n2020-01-02;109,123\n2020-01-03;109,456\n", "`decimal: ','`"),
        ("date;a;close\n2020-01-02;1,5;1.5\n2020-01-03;1,25;1.25\n", "contradict"),
        ("date,close\n2020-01-02,97-16\n2020-01-03,97-18\n", "32nds"),
        ("date,close\n2020-01-02,97'16\n2020-01-03,97'18\n", "32nds"),
        ("date,close\n2020-01-02,115'165\n2020-01-03,115'172\n", "32nds"),
        ("date,close\n2020-01-02,97 1/32\n2020-01-03,98 5/32\n", "32nds"),
        ("date,close\n01/02/2020,1\n02/02/2020,2\n", "`dayfirst: true`"),
        ("date,close\n31/01/2020,1\n01/13/2020,2\n", "only month first"),
        ("Date,AAPL,C,MSFT\n2020-01-02,1,2,3\n", "`layout: wide`"),
        ("DATE,CLOSE,RSI\n2020-01-02,1,2\n", "`layout: wide`"),
        ("20200102 00:00,1000000,1010000,990000,1000000,5\n" * 3, "price_unit"),
        ("date,close\n2150-01-02,1\n", "no bar .* had ended"),
        (b"<!DOCTYPE html><html>please log in</html>", "web page"),
        (b"\x80\x04\x95pickled", "a pickle"),
        (b'{"a": 1}', "without a table"),
        (b"[" * 50_000 + b"]" * 50_000, "nested too deep|no rows"),
        (b'[{"date": "2020-01-02", "close": 1}, {"da', "no well-formed JSON"),
        (zipped(**{"a.zip": zipped(**{"b.csv": "x"})}), "archive in an archive"),
        (zipped(**{"readme.txt": "hello"}), "no file of bars"),
    ],
)
def test_refused(ingest, content, message):
    with pytest.raises(BadInput, match=f"(?s){message}"):
        ingest(content, look=True)


@pytest.mark.parametrize(
    ("content", "keys", "closes"),
    [
        ("date;close\n2020-01-02;109,123\n", {"decimal": ","}, [109.123]),
        ("date;close\n2020-01-02;109,123\n", {"decimal": "."}, [109_123.0]),
        ("date,close\n01/02/2020,1\n02/02/2020,2\n", {"dayfirst": True}, [1.0, 2.0]),
        ("Date,CLOSE,RSI\n2020-01-02,1,2\n", {"layout": "long"}, [1.0]),
        ("Date,AAPL,C,MSFT\n2020-01-02,1,2,3\n", {"layout": "wide"}, [1.0, 2.0, 3.0]),
        ("date,close\n2150-01-02,1\n", {"future": "keep"}, [1.0]),
        ("20200102 00:00,1000000,1010000,990000,1000000,5\n", {"price_unit": 1e-4}, [100.0]),
        ("Datum;Schluß\n02.01.2020;1,5\n".encode("cp1252"),
         {"encoding": "cp1252", "columns": {"close": "Schluß"}}, [1.5]),
        ("date*close\n2020-01-02*1\n", {"delimiter": "*"}, [1.0]),
    ],
)  # fmt: skip
def test_the_line_that_settles_it(ingest, content, keys, closes):
    assert ingest(content, look=True, **keys).bars["close"].to_list() == closes


def test_units_that_a_spec_says_are_used(ingest):
    text = "date,close,volume\n2020-01-02,10,5\n"
    assert ingest(text, volume_unit=100).bars["volume"].to_list() == [500.0]


@pytest.mark.parametrize("falls", [False, True])
def test_an_hour_that_stands_twice_is_never_lost(ingest, falls):
    hours = ["00:00:00", "01:00:00", "01:00:00", "02:00:00"]
    rows = [f"2024-11-03 {hour},X,{n}\n" for n, hour in enumerate(hours, 1)]
    text = "time,symbol,close\n" + "".join(rows[::-1] if falls else rows)
    with pytest.raises(BadInput, match="where clocks are put back") as refused:
        ingest(text, look=True)
    assert refused.value.place.key == "data.timezone"
    bars = ingest(text, look=True, timezone="America/New_York").bars
    assert bars["ts"].dt.hour().to_list() == [5, 6, 7, 8]
    assert bars["close"].to_list() == [1.0, 2.0, 3.0, 4.0]


def test_a_bar_that_still_forms_is_cut(ingest, counts, tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("date,close\n2026-01-29,1\n2026-01-30,2\n2026-01-31,3\n2026-02-01,4\n")
    seen_at = datetime(2026, 1, 30, 12, tzinfo=UTC)
    read = inspect(path, DataSpec(source="file", path="x"), seen_at=seen_at)
    found = counts(read)
    assert read.bars["close"].to_list() == [1.0]
    assert (found["unfinished_bar"], found["future_bar"]) == (1, 2)
    spec = DataSpec(source="file", path="x", session_close="12:00")
    assert inspect(path, spec, seen_at=seen_at).bars["close"].to_list() == [1.0, 2.0]


def test_a_line_that_is_still_written_is_no_row(monkeypatch, counts, tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("date,close\n2020-01-02,1\n2020-01-03,2\n2020-01-06,3", encoding="utf-8")

    more = ["5.5\n2020-01-07,4\n"]

    def grown(descriptor):
        before = os.fstat(descriptor)
        with path.open("a", encoding="utf-8") as file:
            file.write(more.pop() if more else "")
        return before

    monkeypatch.setattr(opening, "os", SimpleNamespace(fstat=grown))
    read = inspect(path, DataSpec(source="file", path="x"))
    assert read.bars["close"].to_list() == [1.0, 2.0]  # neither 3 nor 35.5
    assert counts(read)["growing"] == 1
    monkeypatch.undo()
    again = inspect(path, DataSpec(source="file", path="x"))
    assert again.bars["close"].to_list()[:3] == [1.0, 2.0, 35.5]
    assert "growing" not in counts(again)


def test_what_grows_without_end_is_not_unpacked(ingest):
    bomb = gzip.compress(b"0" * (limits.RATIO_FROM + 2**20))
    with pytest.raises(BadInput, match="times as large"):
        ingest(bomb)
    with pytest.raises(BadInput, match="times as large"):
        ingest(zipped(**{"a.csv": b"0" * (limits.RATIO_FROM + 2**20)}))


def test_more_columns_than_there_ever_are_are_not_read(ingest):
    heads = ",".join(["date", "symbol", *(f"c{n}" for n in range(limits.COLUMNS))])
    row = ",".join(["2020-01-01", "A", *["1"] * limits.COLUMNS])
    with pytest.raises(BadInput, match="columns; at most"):
        ingest(f"{heads}\n{row}\n".encode())


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)


def workbook(**sheets):
    """Write a small workbook by hand: sheets of rows of texts, numbers and days."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    }
    names, relations = "", ""
    for n, (title, content) in enumerate(sheets.items(), 1):
        names += f'<sheet name="{title}" sheetId="{n}" r:id="r{n}"/>'
        relations += (
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/s{n}.xml"/>'
        )
        files[f"xl/worksheets/s{n}.xml"] = content if isinstance(content, str) else _sheet(content)
    files["xl/workbook.xml"] = (
        f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>'
    )
    files["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>'
    )
    return zipped(**files)


def _sheet(rows):
    written = ""
    for n, row in enumerate(rows, 1):
        cells = ""
        for letter, cell in zip("ABCDEFGH", row, strict=False):
            if isinstance(cell, str):
                cells += f'<c r="{letter}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            else:
                cells += f'<c r="{letter}{n}"><v>{cell}</v></c>'
        written += f'<row r="{n}">{cells}</row>'
    return SHEET.format(written)


BARS = [["Date", "Open", "High", "Low", "Close", "Volume"]] + [
    [f"2023-01-{day:02}", 15.923, 16.5, 15.0, 15.5 + day / 8, 1000.0 + day] for day in range(3, 9)
]


def test_a_workbook_is_read_past_its_notes(ingest):
    notes = [["Report of X"], ["made", "2023"], []]
    read = ingest(workbook(Notes=[["hello"]], Prices=notes + BARS), name="MSFT.xlsx")
    assert read.bars["open"].to_list() == [15.923] * 6
    assert read.bars["close"].to_list() == [15.5 + day / 8 for day in range(3, 9)]
    assert read.bars["symbol"].unique().to_list() == ["MSFT"]


def test_sheets_of_one_form_are_symbols(ingest):
    read = ingest(workbook(AAPL=BARS, MSFT=BARS), name="all.xlsx")
    assert read.bars["symbol"].unique().sort().to_list() == ["AAPL", "MSFT"]
    one = ingest(workbook(AAPL=BARS, MSFT=BARS), name="all.xlsx", sheet="MSFT", symbol="X")
    assert one.bars["symbol"].unique().to_list() == ["X"]
    with pytest.raises(BadInput, match="did you mean 'MSFT'"):
        ingest(workbook(AAPL=BARS, MSFT=BARS), sheet="MSTF")


def test_a_lone_cell_far_away_is_no_table(ingest):
    far = SHEET.format('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with pytest.raises(BadInput, match="more cells"):
        ingest(workbook(A=far), name="bomb.xlsx")


def test_a_folder_is_read_as_its_archive_is(tmp_path):
    folder = tmp_path / "prices"
    folder.mkdir()
    for symbol in ("AAPL", "MSFT"):
        rows = "".join(f"2023-01-{day:02},{day}\n" for day in range(3, 9))
        (folder / f"{symbol}.csv").write_text(f"Date,Close\n{rows}")
    read = inspect(folder, DataSpec(source="file", path="prices"))
    assert read.bars.group_by("symbol").len().sort("symbol").rows() == [("AAPL", 6), ("MSFT", 6)]


def test_a_member_that_would_leave_its_folder_is_only_a_name(ingest):
    rows = "Date,Close\n2023-01-03,1\n"
    read = ingest(zipped(**{"../../../etc/AAPL.csv": rows, "/abs/MSFT.csv": rows}), name="x.zip")
    assert read.bars["symbol"].to_list() == ["AAPL", "MSFT"]


def test_what_was_understood_is_told_with_the_line_that_changes_it(ingest):
    read = ingest("date;close;volume\n03.01.2023;97,25;824.755\n04.01.2023;97,5;9\n", look=True)
    told = {each.layer: each for each in read.understood}
    assert told["encoding"].value == "utf-8"
    assert told["delimiter"].value == "semicolon"
    assert told["decimal mark"].certainty == "sure"
    assert told["dates"].line == "dayfirst: false"
    assert told["zone"].certainty == "guessed"
    for each in read.understood:
        if each.line:
            key = each.line.partition(":")[0]
            assert key in DataSpec.model_fields, each


def test_names_say_how_far_apart_bars_are_where_some_are_missing(ingest):
    start = datetime(2024, 1, 1)
    minutes = [m for m in range(300) if m % 7 in {0, 1, 5}]
    lines = [f"{int((start + timedelta(minutes=m)).replace(tzinfo=UTC).timestamp())},1,2,1,1.5,3,4"
             for m in minutes]  # fmt: skip
    assert ingest("\n".join(lines), name="XBTUSD_1.csv", look=True).found.frequency == "1min"


def test_latin_letters_are_told_from_chinese_ones(ingest):
    text = "Datum;Eröffnung;Hoch;Tief;Schluss\n02.01.2020;1,5;1,6;1,4;1,55\n"
    for encoding in ("cp1252", "latin-1", "utf-8"):
        assert ingest(text.encode(encoding)).bars["open"].to_list() == [1.5]


def test_documents_of_records_lines_and_columns_are_one(ingest):
    rows = [{"date": f"2020-01-{day:02}", "close": 1.125 * day} for day in (2, 3)]
    closes = [2.25, 3.375]
    forms = [
        json.dumps(rows),
        "\n".join(map(json.dumps, rows)),
        json.dumps({key: [row[key] for row in rows] for key in rows[0]}),
        json.dumps({"data": rows}),
    ]
    for content in forms:
        assert ingest(content, name="A.json").bars["close"].to_list() == closes


@pytest.mark.parametrize(
    "document",
    [
        {"data": {"code": "A", "name": "x",
                  "rows": [f"2020-01-{d:02},2,3,4,1,7" for d in (2, 3, 6)]}},
        {"prices": [[d * 86_400_000 + 1_577_836_800_000, d + 0.5] for d in (1, 2, 5)],
         "total_volumes": [[d * 86_400_000 + 1_577_836_800_000, 7] for d in (1, 2, 5)]},
        {"result": {"ticks": [1577923200000, 1578009600000, 1578268800000],
                    "close": [2.5, 3.5, 6.5], "volume": [7, 7, 7]}},
    ],
)  # fmt: skip
def test_documents_of_interfaces(ingest, document):
    bars = ingest(json.dumps(document), name="A.json").bars
    assert bars["symbol"].unique().to_list() == ["A"]
    assert bars["volume"].to_list() == [7.0] * 3
    assert bars["ts"].dt.day().to_list() == [2, 3, 6]


def test_parquet_of_tickers_is_wide(ingest):
    days = [datetime(2020, 1, 2), datetime(2020, 1, 3)]
    frame = pl.DataFrame({"Date": days, "AAPL": [1.0, 2.0], "MSFT": [3.0, None]})
    read = ingest(frame)
    assert read.bars.select("symbol", "close").rows() == [
        ("AAPL", 1.0),
        ("AAPL", 2.0),
        ("MSFT", 3.0),
    ]
