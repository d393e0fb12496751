"""Random bars, written in random dialects, are read back as they were, or refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import BadInput
from tasks.ingest import inspect
from taskspecs.schema import DataSpec

LANGUAGES = {
    "en": ("Date", "Open", "High", "Low", "Close", "Volume"),
    "de": ("Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"),
    "fr": ("Date", "Ouverture", "Plus haut", "Plus bas", "Clôture", "Volume"),
    "es": ("Fecha", "Apertura", "Máximo", "Mínimo", "Cierre", "Volumen"),
    "it": ("Data", "Apertura", "Massimo", "Minimo", "Chiusura", "Volume"),
    "zh": ("日期", "开盘价", "最高价", "最低价", "收盘价", "成交量"),
    "ja": ("日付", "始値", "高値", "安値", "終値", "出来高"),
    "ko": ("날짜", "시가", "고가", "저가", "종가", "거래량"),
    "ru": ("Дата", "Открытие", "Максимум", "Минимум", "Закрытие", "Объём"),
}
ENCODINGS = {
    "en": ("utf-8", "utf-16", "utf-8-sig"),
    "de": ("utf-8", "cp1252", "latin-1", "utf-16"),
    "fr": ("utf-8", "cp1252", "utf-8-sig"),
    "es": ("utf-8", "latin-1"),
    "it": ("utf-8", "cp1252"),
    "zh": ("utf-8", "gb18030", "gbk", "utf-16"),
    "ja": ("utf-8", "cp932", "euc-jp"),
    "ko": ("utf-8", "cp949"),
    "ru": ("utf-8", "cp1251"),
}
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%Y",
         "%b %d %Y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%Y", "%Y年%m月%d日")  # fmt: skip
MARKS = ((".", ""), (".", ","), (",", ""), (",", "."), (".", "'"), (",", " "), (",", "\u00a0"))


@st.composite
def dialects(draw):
    language = draw(st.sampled_from(sorted(LANGUAGES)))
    encoding = draw(st.sampled_from(ENCODINGS[language]))
    form = draw(st.sampled_from(DATES))
    if "年" in form and encoding not in {"utf-8", "utf-16", "utf-8-sig", "gbk", "gb18030", "cp932"}:
        form = "%Y-%m-%d"
    decimal, thousands = draw(st.sampled_from(MARKS))
    if thousands == "\u00a0" and encoding not in {"utf-8", "utf-16", "utf-8-sig", "cp1252"}:
        thousands = " "
    return {
        "language": language,
        "encoding": encoding,
        "form": form,
        "decimal": decimal,
        "thousands": thousands,
        "delimiter": draw(st.sampled_from(",;\t|")),
        "digits": draw(st.sampled_from([0, 1, 2, 3, 4, 5])),
        "level": draw(st.sampled_from([1.1, 15.0, 130.0, 999.0, 2_500.0, 40_000.0])),
        "days": draw(st.sampled_from([3, 8, 30, 300])),
        "start": draw(st.dates(date(2001, 1, 1), date(2024, 1, 1))),
        "falls": draw(st.booleans()),
        "order": draw(st.permutations(range(6))),
        "end": draw(st.sampled_from(["\n", "\r\n"])),
        "preamble": draw(st.sampled_from(["", "Exported by someone", "a\n\nb"])),
        "footer": draw(st.sampled_from(["", "", "Data provided by X", "\n\n"])),
        "quoted": draw(st.booleans()),
        "seed": draw(st.integers(0, 10_000)),
    }


def bars_of(d):
    rows, price = [], d["level"]
    for n in range(d["days"]):
        step = ((n * 31 + d["seed"]) % 17 - 8) / 400 * price
        opened, closed = round(price, d["digits"]), round(price + step, d["digits"])
        high = round(max(opened, closed) + abs(step) / 2, d["digits"])
        low = round(min(opened, closed) - abs(step) / 2, d["digits"])
        volume = (n * 7_919 + d["seed"] * 13) % 5_000_000 + 1
        rows.append((d["start"] + timedelta(days=n), opened, high, low, closed, volume))
        price = max(closed, 0.5)
    return rows


def number(value, d, digits):
    text = f"{value:,.{digits}f}"
    return text.replace(",", "\1").replace(".", d["decimal"]).replace("\1", d["thousands"])


def written(d):
    quote = d["quoted"] or d["delimiter"] in {d["decimal"], d["thousands"]}
    lines = [[LANGUAGES[d["language"]][at] for at in d["order"]]]
    rows = bars_of(d)
    for row in reversed(rows) if d["falls"] else rows:
        cells = [row[0].strftime(d["form"]), *(number(x, d, d["digits"]) for x in row[1:5])]
        cells.append(number(row[5], d, 0))
        lines.append([cells[at] for at in d["order"]])
    body = [d["delimiter"].join(f'"{c}"' if quote else c for c in line) for line in lines]
    parts = [d["preamble"], *body, d["footer"]]
    return "\n".join(part for part in parts if part).replace("\n", d["end"]).encode(d["encoding"])


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    return tmp_path_factory.mktemp("dialects") / "landed"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(dialects())
def test_what_is_written_is_read_or_refused(landed, d):
    landed.write_bytes(written(d))
    try:
        read = inspect(landed, DataSpec(source="file", path="x"), original_name="x.csv").bars
    except BadInput:
        return
    days = read["ts"].dt.date().to_list()
    values = read.select("open", "high", "low", "close", "volume").rows()
    assert days == [row[0] for row in bars_of(d)]
    assert values == [tuple(map(float, row[1:])) for row in bars_of(d)]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(dialects())
def test_a_usual_file_is_not_refused(landed, d):
    """Two decimals, a month of days and more: everything is told by the content."""
    d |= {"digits": 2, "days": 300}
    landed.write_bytes(written(d))
    assert inspect(landed, DataSpec(source="file", path="x"), original_name="x.csv").bars.height
