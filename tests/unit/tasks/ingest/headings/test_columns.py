from __future__ import annotations

import pytest

from configs.errors import BadInput
from tasks.ingest.headings.columns import assign
from tasks.ingest.headings.headings import HEADINGS, plain

STYLES = {
    "yahoo": ("Date,Open,High,Low,Close,Adj Close,Volume", "date open high low close adj_close"),
    "stooq": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        "symbol date time open high low close volume",
    ),
    "tushare": (
        "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount",
        "symbol date open high low close volume amount",
    ),
    "binance": (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count",
        "open_time close_time open high low close volume amount",
    ),
    "qlib": (
        "instrument,datetime,$open,$high,$low,$close,$volume,$factor",
        "symbol date open high low close volume factor",
    ),
    "bloomberg": (
        "Security,Dates,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME",
        "symbol date open high low close volume",
    ),
    "alpha_vantage": (
        "timestamp,1. open,2. high,3. low,4. close,5. adjusted close,6. volume",
        "date open high low close adj_close volume",
    ),
    "investing": ("Date,Price,Open,High,Low,Vol.,Change %", "date close open high low volume"),
    "nasdaq": ("Date,Close/Last,Volume,Open,High,Low", "date close volume open high low"),
    "kaggle": ("date,open,high,low,close,volume,Name", "date open high low close volume symbol"),
    "chinese": (
        "交易日期,股票代码,股票名称,开盘价,最高价,最低价,收盘价,前收盘价,成交量(股),成交额（元）",
        "date symbol open high low close volume amount",
    ),
    "chinese_adjusted": (
        "日期,证券代码,今开,最高,最低,收盘,后复权价,总手,均价",
        "date symbol open high low close adj_close volume vwap",
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_known_styles_are_recognised(style):
    headings, expected = STYLES[style]
    assert set(expected.split()) <= set(assign(headings.split(","), {}, file="x").headings)


def test_the_code_is_the_symbol_and_the_previous_close_is_no_close():
    headings, _ = STYLES["chinese"]
    found = assign(headings.split(","), {}, file="x").headings
    assert (found["symbol"], found["close"]) == ("股票代码", "收盘价")


def test_no_heading_is_known_twice_and_all_are_plain():
    known = [heading for headings in HEADINGS.values() for heading in headings]
    assert len(known) == len(set(known))
    assert [plain(heading) for heading in known] == known


def test_named_columns_win_over_guesses():
    columns = assign(["Date", "Close", "Mid"], {"close": "Mid"}, file="x")
    assert columns.headings["close"] == "Mid"
    assert columns.guessed == ("date",)


def test_other_names_for_columns_may_be_used_in_the_spec():
    assert assign(["a", "b"], {"timestamp": "a", "last": "b"}, file="x").headings == {
        "date": "a",
        "close": "b",
    }


def test_lone_adjusted_close_is_the_close():
    assert assign(["Date", "Adj Close"], {}, file="x").headings["close"] == "Adj Close"


def test_lone_temporal_column_is_the_time():
    found = assign(["当天", "close"], {}, file="x", temporal=["当天"])
    assert found.headings["date"] == "当天"


@pytest.mark.parametrize(
    ("headings", "named", "message"),
    [
        (["Date", "Close"], {"clsoe": "Close"}, "did you mean 'close'"),
        (["Date", "Close"], {"close": "Clse"}, "did you mean 'Close'"),
        (["Date", "Close", "close"], {}, "several columns that could be close"),
        (["Date", "AAPL", "MSFT"], {}, r"(?s)could be the close.*'AAPL', 'MSFT'.*columns: \{close"),
        (["Close"], {}, r"(?s)could be the date.*columns: \{date"),
        (["2020-01-02", "1.5", "2e3"], {}, "first line looks like data"),
    ],
)
def test_what_cannot_be_told_is_asked(headings, named, message):
    with pytest.raises(BadInput, match=message):
        assign(headings, named, file="x")
