"""Files in the shapes of vendors, written from a truth: by their public documentation and exports.

Each writer is given bars and returns what a download of them would be.
"""

# ruff: noqa: DTZ001, E501, E731, PLR0917, RUF017 - one row of a table for each vendor, of local times
from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl


@dataclass(frozen=True)
class Bar:
    """A bar as it happened: `at` is its start."""

    symbol: str
    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


def _walk(symbol, stamps, start, step, digits, volume):
    bars, last = [], start
    for n, at in enumerate(stamps):
        drift = ((n * 7919 + len(symbol) * 104729) % 41 - 20) / 20 * step
        opened, closed = round(last + step / 10, digits), round(last + drift, digits)
        high = round(max(opened, closed) + step * (1 + n % 3) / 4, digits)
        low = round(min(opened, closed) - step * (1 + n % 2) / 4, digits)
        traded = volume * (1 + (n * 37 % 29) / 10)
        bars.append(Bar(symbol, at, opened, high, low, closed, round(traded)))
        last = closed
    return bars


def business_days(first, count):
    days = (first + timedelta(days=n) for n in range(4 * count))
    return [day for day in days if day.weekday() < 5][:count]


DAYS = business_days(datetime(2023, 1, 3), 40)
HOURS = [datetime(2023, 1, 2) + timedelta(hours=n) for n in range(60)]
MINUTES = [datetime(2023, 1, 3, 9, 30) + timedelta(minutes=n) for n in range(390)]
STOCK = _walk("MSFT", DAYS, 239.58, 3.0, 2, 25_740_000)
DEAR = _walk("DAX", DAYS, 14_069.26, 120.0, 2, 1_234_567)
CHINA = _walk("600000", DAYS, 7.31, 0.2, 2, 24_000_100)
COIN = _walk("BTCUSDT", HOURS, 16_541.77, 60.0, 2, 4_364)
PAIR = _walk("EURUSD", MINUTES, 1.06554, 0.0004, 5, 121)
YEN = _walk("USDJPY", MINUTES, 130.924, 0.05, 3, 121)
SHARE = _walk("SPY", MINUTES, 384.37, 0.3, 2, 130_000)
TWO = {s: _walk(s, DAYS, p, 2.0, 2, 70_000_000) for s, p in (("AAPL", 125.07), ("OPEN", 1.16e2))}


@dataclass(frozen=True)
class Made:
    """A file, its name, what a spec would have to say, and how the truth differs from the bars."""

    content: bytes
    name: str
    bars: list[Bar]
    keys: dict = field(default_factory=dict)
    volume: bool = True
    symbol: str | None = None
    length: timedelta | None = None
    zone: str = "UTC"
    only_close: bool = False


def text(lines, encoding="utf-8", end="\n"):
    return (end.join(lines) + end).encode(encoding)


def table(head, row, bars, sep=",", **how):
    return text([*([head] if head else []), *(sep.join(map(str, row(b))) for b in bars)], **how)


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def comma(number, digits=2, thousands=""):
    written = f"{number:,.{digits}f}"
    return written.replace(",", "\0").replace(".", ",").replace("\0", thousands)


def epoch(at, unit=1):
    return int(at.replace(tzinfo=UTC).timestamp()) * unit


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def ohlcv(form, digits=2):
    def row(b):
        prices = (f"{x:.{digits}f}" for x in (b.open, b.high, b.low, b.close))
        return (b.at.strftime(form), *prices, f"{b.volume:.0f}")

    return row


def prices(b, digits=2):
    return [f"{x:.{digits}f}" for x in (b.open, b.high, b.low, b.close)]


# --- United States, daily -------------------------------------------------------------------


def yfinance_one():
    head = ["Price,Close,High,Low,Open,Volume", "Ticker,MSFT,MSFT,MSFT,MSFT,MSFT", "Date,,,,,"]
    rows = [f"{b.at:%Y-%m-%d},{b.close},{b.high},{b.low},{b.open},{b.volume:.0f}" for b in STOCK]
    return Made(text(head + rows), "data.csv", STOCK, symbol="MSFT")


def _yfinance_many(labels):
    fields = ("Close", "High", "Low", "Open", "Volume")
    pairs = [(f, s) for f in fields for s in TWO]
    head = [
        ",".join([labels[0], *(f for f, _ in pairs)]),
        ",".join([labels[1], *(s for _, s in pairs)]),
        ",".join(["Date", *[""] * len(pairs)]),
    ]
    rows = [
        ",".join([f"{day:%Y-%m-%d}", *(str(getattr(TWO[s][n], f.lower())) for f, s in pairs)])
        for n, day in enumerate(DAYS)
    ]
    return Made(text(head + rows), "data.csv", sum(TWO.values(), []))


def yfinance_many():
    return _yfinance_many(("Price", "Ticker"))


def yfinance_old():
    return _yfinance_many(("", ""))


def yfinance_by_ticker():
    fields = ("Open", "High", "Low", "Close", "Volume")
    pairs = [(s, f) for s in TWO for f in fields]
    head = [
        ",".join(["Ticker", *(s for s, _ in pairs)]),
        ",".join(["Price", *(f for _, f in pairs)]),
        ",".join(["Date", *[""] * len(pairs)]),
    ]
    rows = [
        ",".join([f"{day:%Y-%m-%d}", *(str(getattr(TWO[s][n], f.lower())) for s, f in pairs)])
        for n, day in enumerate(DAYS)
    ]
    return Made(text(head + rows), "data.csv", sum(TWO.values(), []))


def yfinance_history():
    head = "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits"
    row = lambda b: (f"{b.at:%Y-%m-%d} 00:00:00-05:00", *prices(b), f"{b.volume:.0f}", 0.0, 0.0)
    return Made(table(head, row, STOCK), "MSFT.csv", STOCK, symbol="MSFT")


def yahoo_page():
    head = "Date,Open,High,Low,Close*,Adj Close**,Volume"
    row = lambda b: (f'"{b.at:%b %d, %Y}"', *prices(b), f"{b.close:.2f}", f'"{b.volume:,.0f}"')
    return Made(table(head, row, STOCK[::-1]), "MSFT.csv", STOCK, symbol="MSFT")


def pandas_index():
    return Made(table(",Open,High,Low,Close,Volume", ohlcv("%Y-%m-%d"), STOCK), "MSFT.csv", STOCK)


def r_quantmod():
    head = '"","MSFT.Open","MSFT.High","MSFT.Low","MSFT.Close","MSFT.Volume","MSFT.Adjusted"'
    row = lambda b: (f'"{b.at:%Y-%m-%d}"', *prices(b), f"{b.volume:.0f}", f"{b.close:.2f}")
    return Made(table(head, row, STOCK), "x.csv", STOCK, symbol="MSFT")


def tiingo():
    head = "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor"
    row = lambda b: (
        f"{b.at:%Y-%m-%d}", b.close, b.high, b.low, b.open, f"{b.volume:.0f}",
        b.close, b.high, b.low, b.open, f"{b.volume:.0f}", 0.0, 1.0,
    )  # fmt: skip
    return Made(table(head, row, STOCK), "MSFT.csv", STOCK, symbol="MSFT")


def tiingo_json():
    rows = [
        {"date": f"{b.at:%Y-%m-%d}T00:00:00.000Z", "close": b.close, "high": b.high, "low": b.low,
         "open": b.open, "volume": int(b.volume), "adjClose": b.close}
        for b in STOCK
    ]  # fmt: skip
    return Made(json.dumps(rows).encode(), "MSFT.json", STOCK, symbol="MSFT")


def polygon_json():
    rows = [
        {"v": b.volume, "vw": round((b.high + b.low) / 2, 4), "o": b.open, "c": b.close,
         "h": b.high, "l": b.low, "t": epoch(b.at, 1000) + 5 * 3_600_000, "n": 100}
        for b in STOCK
    ]  # fmt: skip
    body = {"ticker": "MSFT", "queryCount": 40, "resultsCount": 40, "adjusted": True,
            "results": rows, "status": "OK", "request_id": "x", "count": 40}  # fmt: skip
    return Made(json.dumps(body).encode(), "answer.json", STOCK, symbol="MSFT",
                keys={"timezone": "America/New_York"}, zone="America/New_York")  # fmt: skip


def polygon_flat_file():
    head = "ticker,volume,open,close,high,low,window_start,transactions"
    row = lambda b: (b.symbol, f"{b.volume:.0f}", b.open, b.close, b.high, b.low,
                     epoch(b.at + timedelta(hours=5), 10**9), 12)  # fmt: skip
    return Made(table(head, row, SHARE), "2023-01-03.csv", SHARE, length=MINUTE,
                zone="shift5")  # fmt: skip


def alpha_vantage():
    head = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"
    row = lambda b: (
        f"{b.at:%Y-%m-%d}",
        *prices(b),
        f"{b.close:.2f}",
        f"{b.volume:.0f}",
        "0.0000",
        "1.0",
    )
    return Made(table(head, row, STOCK[::-1], end="\r\n"), "daily_adjusted_MSFT.csv", STOCK)


def alpha_vantage_json():
    series = {
        f"{b.at:%Y-%m-%d}": {
            "1. open": f"{b.open:.4f}", "2. high": f"{b.high:.4f}", "3. low": f"{b.low:.4f}",
            "4. close": f"{b.close:.4f}", "5. volume": f"{b.volume:.0f}",
        }
        for b in STOCK[::-1]
    }  # fmt: skip
    meta = {"1. Information": "Daily Prices", "2. Symbol": "MSFT", "5. Time Zone": "US/Eastern"}
    body = {"Meta Data": meta, "Time Series (Daily)": series}
    return Made(json.dumps(body).encode(), "query.json", STOCK, symbol="MSFT")


def yahoo_chart_json():
    quote = {k: [getattr(b, k) for b in STOCK] for k in ("open", "high", "low", "close", "volume")}
    body = {"chart": {"result": [{
        "meta": {"currency": "USD", "symbol": "MSFT", "exchangeTimezoneName": "America/New_York"},
        "timestamp": [epoch(b.at) + 52_200 for b in STOCK],
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": [b.close for b in STOCK]}]},
    }], "error": None}}  # fmt: skip
    return Made(json.dumps(body).encode(), "chart.json", STOCK, symbol="MSFT")


def nasdaq():
    head = "Date,Close/Last,Volume,Open,High,Low"
    row = lambda b: (f"{b.at:%m/%d/%Y}", f"${b.close:.2f}", f"{b.volume:.0f}",
                     *(f"${x:.2f}" for x in (b.open, b.high, b.low)))  # fmt: skip
    return Made(table(head, row, STOCK[::-1]), "HistoricalData_1690000000.csv", STOCK,
                keys={"symbol": "MSFT"}, symbol="MSFT")  # fmt: skip


def iex():
    head = "date,open,high,low,close,volume,unadjustedVolume,change,changePercent,vwap,label,changeOverTime"
    row = lambda b: (f"{b.at:%Y-%m-%d}", *prices(b), f"{b.volume:.0f}", f"{b.volume:.0f}", 0.1, 0.04,
                     round((b.high + b.low) / 2, 4), f'"{b.at:%b %d, %y}"', 0.0)  # fmt: skip
    return Made(table(head, row, STOCK), "MSFT.csv", STOCK)


def eodhd():
    head = "Date,Open,High,Low,Close,Adjusted_close,Volume"
    row = lambda b: (f"{b.at:%Y-%m-%d}", *prices(b), f"{b.close:.4f}", f"{b.volume:.0f}")
    return Made(table(head, row, STOCK), "MSFT.US.csv", STOCK, symbol="MSFT.US")


def norgate():
    head = "Symbol,Date,Open,High,Low,Close,Volume,Turnover,Unadjusted Close,Dividend"
    row = lambda b: ("MSFT", f"{b.at:%Y%m%d}", *prices(b), f"{b.volume:.0f}",
                     f"{b.volume * b.close:.0f}", f"{b.close:.2f}", 0)  # fmt: skip
    return Made(table(head, row, STOCK), "norgate.csv", STOCK)


def crsp():
    head = "PERMNO,date,TICKER,PRC,VOL,SHROUT,OPENPRC,ASKHI,BIDLO"
    row = lambda b: (10107, f"{b.at:%Y%m%d}", "MSFT", f"{-b.close if b.at.day == 9 else b.close:.2f}",
                     f"{b.volume:.0f}", 7_454_000, f"{b.open:.2f}", f"{b.high:.2f}", f"{b.low:.2f}")  # fmt: skip
    return Made(table(head, row, STOCK), "crsp.csv", STOCK)


def sharadar():
    head = "ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated"
    row = lambda b: ("MSFT", f"{b.at:%Y-%m-%d}", *prices(b), f"{b.volume:.0f}", f"{b.close:.2f}",
                     f"{b.close:.2f}", "2023-03-01")  # fmt: skip
    return Made(table(head, row, STOCK), "SHARADAR_SEP.csv", STOCK)


def kibot():
    row = lambda b: (f"{b.at:%m/%d/%Y}", *prices(b), f"{b.volume:.0f}")
    return Made(table(None, row, STOCK), "MSFT.txt", STOCK)


def first_rate():
    row = lambda b: (f"{b.at:%Y-%m-%d %H:%M:%S}", *prices(b), f"{b.volume:.0f}")
    return Made(table(None, row, SHARE), "SPY_1min.txt", SHARE, length=MINUTE, symbol="SPY",
                keys={"timezone": "America/New_York"}, zone="America/New_York")  # fmt: skip


def first_rate_headed():
    return Made(table("timestamp,open,high,low,close,volume", ohlcv("%Y-%m-%d %H:%M:%S"), SHARE),
                "SPY_1min.csv", SHARE, length=MINUTE, symbol="SPY")  # fmt: skip


def ibkr():
    head = "date,open,high,low,close,volume,average,barCount"
    row = lambda b: (f"{b.at:%Y%m%d} {b.at:%H:%M:%S} US/Eastern", *prices(b), f"{b.volume:.0f}",
                     round((b.high + b.low) / 2, 3), 55)  # fmt: skip
    return Made(table(head, row, SHARE), "SPY.csv", SHARE, length=MINUTE, zone="US/Eastern")


def stooq():
    head = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
    row = lambda b: ("MSFT.US", "D", f"{b.at:%Y%m%d}", "000000", *prices(b), f"{b.volume:.0f}", 0)
    return Made(table(head, row, STOCK, end="\r\n"), "msft.us.txt", STOCK, symbol="MSFT.US")


def stooq_polish():
    head = "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen"
    return Made(table(head, ohlcv("%Y-%m-%d"), STOCK), "msft_us_d.csv", STOCK, symbol="msft_us")


def eod_data():
    row = lambda b: (b.symbol, f"{b.at:%Y%m%d}", *prices(b), f"{b.volume:.0f}")
    return Made(table(None, row, STOCK), "NASDAQ_20230103.txt", STOCK, symbol="MSFT")


def metastock():
    head = "<ticker>,<per>,<date>,<time>,<open>,<high>,<low>,<close>,<vol>"
    row = lambda b: ("MSFT", "D", f"{b.at:%m/%d/%Y}", "000000", *prices(b), f"{b.volume:.0f}")
    return Made(table(head, row, STOCK), "export.txt", STOCK)


def amibroker():
    head = "Ticker,Date/Time,Open,High,Low,Close,Volume"
    row = lambda b: ("MSFT", f"{b.at.month}/{b.at.day}/{b.at.year}", *prices(b), f"{b.volume:.0f}")
    return Made(table(head, row, STOCK), "ami.csv", STOCK)


def quandl():
    head = "Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume"
    row = lambda b: (
        f"{b.at:%Y-%m-%d}",
        *prices(b),
        f"{b.volume:.1f}",
        0.0,
        1.0,
        *prices(b),
        f"{b.volume:.1f}",
    )
    return Made(table(head, row, STOCK), "WIKI-MSFT.csv", STOCK, symbol="WIKI-MSFT")


def bloomberg():
    lines = [
        "Start Date,01/01/2023,,,,", "End Date,03/01/2023,,,,", "Period,D,,,,", "Currency,USD,,,,",
        ",,,,,", ",AAPL US Equity,,MSFT US Equity,,", "Dates,PX_LAST,PX_VOLUME,PX_LAST,PX_VOLUME,",
    ]  # fmt: skip
    first, second = TWO["AAPL"], STOCK
    rows = [
        f"{a.at:%m/%d/%Y},{a.close},{a.volume:.0f},{b.close},{b.volume:.0f},"
        for a, b in zip(first, second, strict=True)
    ]
    named = [Bar(f"{b.symbol}_US_Equity", *_rest(b)) for b in first + second]
    return Made(text(lines + rows), "grid1.csv", named, only_close=True)


def _rest(b):
    return (b.at, b.open, b.high, b.low, b.close, b.volume)


def refinitiv():
    lines = ["Refinitiv Workspace", "RIC;MSFT.O;;;;", "Currency;USD;;;;", "",
             "Exchange Date;Close;Net;Open;Low;High;Volume"]  # fmt: skip
    rows = [
        f"{b.at:%d-%b-%Y};{b.close};0.10;{b.open};{b.low};{b.high};{b.volume:.0f}"
        for b in STOCK[::-1]
    ]
    return Made(text(lines + rows), "Price History.csv", STOCK, symbol="MSFT.O")


def fred():
    rows = [f"{b.at:%Y-%m-%d},{b.close if n % 9 else '.'}" for n, b in enumerate(DEAR)]
    kept = [Bar("SP500", *_rest(b)) for n, b in enumerate(DEAR) if n % 9]
    return Made(text(["observation_date,SP500", *rows]), "SP500.csv", kept, only_close=True,
                volume=False)  # fmt: skip


def wide_closes():
    names = list(TWO)
    rows = [f"{d:%Y-%m-%d}," + ",".join(str(TWO[s][n].close) for s in names) + f",{STOCK[n].close}"
            for n, d in enumerate(DAYS)]  # fmt: skip
    return Made(text(["Date,AAPL,OPEN,MSFT", *rows]), "closes.csv",
                [*sum(TWO.values(), []), *STOCK], only_close=True, volume=False)  # fmt: skip


def fred_value():
    return Made(table("date,value", lambda b: (f"{b.at:%Y-%m-%d}", b.close), STOCK), "DGS.csv", STOCK,
                symbol="DGS", only_close=True, volume=False)  # fmt: skip


# --- crypto ---------------------------------------------------------------------------------


def _kline(b, unit):
    start = epoch(b.at, unit)
    quote = f"{b.volume * b.close:.8f}"
    return (start, *prices(b, 8), f"{b.volume:.8f}", start + 3_600 * unit - 1, quote, 300,
            f"{b.volume / 2:.8f}", f"{b.volume * b.close / 2:.8f}", 0)  # fmt: skip


def binance_ms():
    return Made(
        table(None, lambda b: _kline(b, 10**3), COIN), "BTCUSDT-1h-2023-01.csv", COIN, length=HOUR
    )


def binance_us():
    return Made(
        table(None, lambda b: _kline(b, 10**6), COIN), "BTCUSDT-1h-2025-01.csv", COIN, length=HOUR
    )


def binance_both():
    half = len(COIN) // 2
    rows = [_kline(b, 10**3 if n < half else 10**6) for n, b in enumerate(COIN)]
    return Made(
        text([",".join(map(str, row)) for row in rows]), "BTCUSDT-1h.csv", COIN, length=HOUR
    )


def binance_futures():
    head = ("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
            "taker_buy_quote_volume,ignore")  # fmt: skip
    return Made(
        table(head, lambda b: _kline(b, 10**3), COIN), "BTCUSDT-1h-2023-01.csv", COIN, length=HOUR
    )


def binance_zip():
    half = len(COIN) // 2
    parts = {
        f"BTCUSDT-1h-2023-0{n}.csv": table(None, lambda b: _kline(b, 10**3), bars)
        for n, bars in ((1, COIN[:half]), (2, COIN[half:]))
    }
    return Made(zipped(**parts), "klines.zip", COIN, length=HOUR)


def binance_api_json():
    rows = [[x if i in {0, 6, 8} else str(x) for i, x in enumerate(_kline(b, 10**3))] for b in COIN]
    return Made(json.dumps(rows).encode(), "BTCUSDT_1h.json", COIN, length=HOUR)


def kraken():
    row = lambda b: (epoch(b.at), *prices(b, 1), f"{b.volume:.8f}", 100)
    bars = [Bar("XBTUSD", b.at, *(float(p) for p in prices(b, 1)), b.volume) for b in COIN]
    return Made(table(None, row, bars), "XBTUSD_60.csv", bars, length=HOUR)


def kraken_api_json():
    rows = [[epoch(b.at), *prices(b, 1), f"{(b.high + b.low) / 2:.1f}", f"{b.volume:.8f}", 99]
            for b in COIN]  # fmt: skip
    bars = [Bar("XXBTZUSD", b.at, *(float(p) for p in prices(b, 1)), b.volume) for b in COIN]
    body = {"error": [], "result": {"XXBTZUSD": rows, "last": rows[-1][0]}}
    return Made(json.dumps(body).encode(), "ohlc.json", bars, length=HOUR)


def coinbase():
    row = lambda b: (epoch(b.at), f"{b.low:.2f}", f"{b.high:.2f}", f"{b.open:.2f}", f"{b.close:.2f}",
                     f"{b.volume:.8f}")  # fmt: skip
    return Made(table(None, row, COIN[::-1]), "BTC-USD.csv", COIN, length=HOUR, symbol="BTC-USD")


def crypto_data_download():
    lines = ["https://www.CryptoDataDownload.com",
             "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount"]  # fmt: skip
    rows = [f"{epoch(b.at, 1000)},{b.at:%Y-%m-%d %H:%M:%S},BTC/USDT,{','.join(prices(b))},"
            f"{b.volume},{b.volume * b.close:.2f},99" for b in COIN[::-1]]  # fmt: skip
    return Made(text(lines + rows), "Binance_BTCUSDT_1h.csv", COIN, length=HOUR, symbol="BTC-USDT")


def crypto_data_download_old():
    lines = [
        "http://www.CryptoDataDownload.com",
        "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
    ]
    rows = [f"{b.at:%Y-%m-%d %I-%p},BTCUSD,{','.join(prices(b))},{b.volume},{b.volume * b.close:.2f}"
            for b in COIN[::-1]]  # fmt: skip
    return Made(text(lines + rows), "Coinbase_BTCUSD_1h.csv", COIN, length=HOUR, symbol="BTCUSD")


def bitfinex():
    row = lambda b: (epoch(b.at, 1000), b.open, b.close, b.high, b.low, f"{b.volume:.8f}")
    return Made(table(None, row, COIN[::-1]), "tBTCUSD-1h.csv", COIN, length=HOUR, symbol="tBTCUSD")


def okx():
    head = "ts,open,high,low,close,vol,volCcy,volCcyQuote,confirm"
    row = lambda b: (
        epoch(b.at, 1000),
        *prices(b),
        b.volume,
        f"{b.volume}",
        f"{b.volume * b.close:.4f}",
        1,
    )
    return Made(table(head, row, COIN), "BTC-USDT_1H.csv", COIN, length=HOUR, symbol="BTC-USDT")


def okx_api_json():
    rows = [[str(epoch(b.at, 1000)), *prices(b), str(b.volume), str(b.volume),
             f"{b.volume * b.close:.4f}", "1"] for b in COIN[::-1]]  # fmt: skip
    body = {"code": "0", "msg": "", "data": rows}
    return Made(json.dumps(body).encode(), "BTC-USDT_1H.json", COIN, length=HOUR, symbol="BTC-USDT")


def bybit_api_json():
    rows = [[str(epoch(b.at, 1000)), *prices(b), str(b.volume), f"{b.volume * b.close:.4f}"]
            for b in COIN[::-1]]  # fmt: skip
    body = {"retCode": 0, "retMsg": "OK",
            "result": {"symbol": "BTCUSDT", "category": "linear", "list": rows}, "time": 1}  # fmt: skip
    return Made(json.dumps(body).encode(), "kline.json", COIN, length=HOUR)


def bybit():
    head = "start_at,symbol,period,open,high,low,close"
    row = lambda b: (epoch(b.at), "BTCUSDT", 60, *prices(b))
    return Made(table(head, row, COIN), "bybit.csv", COIN, length=HOUR, volume=False)


def kucoin():
    row = lambda b: (
        epoch(b.at),
        b.open,
        b.close,
        b.high,
        b.low,
        b.volume,
        f"{b.volume * b.close:.4f}",
    )
    return Made(
        table(None, row, COIN[::-1]), "BTC-USDT-1hour.csv", COIN, length=HOUR, symbol="BTC-USDT"
    )


def gate_io():
    row = lambda b: (
        epoch(b.at),
        f"{b.volume * b.close:.4f}",
        b.close,
        b.high,
        b.low,
        b.open,
        b.volume,
    )
    return Made(table(None, row, COIN), "BTC_USDT_1h.csv", COIN, length=HOUR, symbol="BTC_USDT")


def bitstamp():
    head = "timestamp,open,high,low,close,volume"
    row = lambda b: (epoch(b.at), *prices(b), f"{b.volume:.8f}")
    return Made(
        table(head, row, COIN),
        "btcusd_1-hour.csv",
        COIN,
        length=HOUR,
        keys={"symbol": "X"},
        symbol="X",
    )


def kaggle_bitcoin():
    head = "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price"
    row = lambda b: (epoch(b.at), *prices(b), b.volume, b.volume * b.close, b.close)
    return Made(table(head, row, COIN), "bitcoin.csv", COIN, length=HOUR, symbol="bitcoin")


def ccxt_json_lines():
    rows = [{"timestamp": epoch(b.at, 1000), "open": b.open, "high": b.high, "low": b.low,
             "close": b.close, "volume": b.volume} for b in COIN]  # fmt: skip
    return Made(text([json.dumps(row) for row in rows]), "BTCUSDT.jsonl", COIN, length=HOUR)


# --- currencies and futures -----------------------------------------------------------------


def databento():
    head = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol"
    nine = lambda x: round(x * 100) * 10**7
    row = lambda b: (epoch(b.at, 10**9), 33, 2, 15144, *(nine(x) for x in (b.open, b.high, b.low, b.close)),
                     f"{b.volume:.0f}", "SPY")  # fmt: skip
    return Made(table(head, row, SHARE), "xnas-itch.ohlcv-1m.csv", SHARE, length=MINUTE)


def databento_pretty():
    head = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol"
    row = lambda b: (f"{b.at:%Y-%m-%dT%H:%M:%S}.000000000Z", 33, 2, 15144, *prices(b, 9),
                     f"{b.volume:.0f}", "SPY")  # fmt: skip
    return Made(table(head, row, SHARE), "ohlcv.csv", SHARE, length=MINUTE)


def hist_data():
    row = lambda b: (f"{b.at:%Y%m%d %H%M%S}", *prices(b, 6), 0)
    return Made(table(None, row, PAIR, sep=";"), "DAT_ASCII_EURUSD_M1_2023.csv", PAIR, length=MINUTE,
                volume=False)  # fmt: skip


def hist_data_meta():
    row = lambda b: (f"{b.at:%Y.%m.%d}", f"{b.at:%H:%M}", *prices(b, 6), 0)
    return Made(
        table(None, row, PAIR), "DAT_MT_EURUSD_M1_2023.csv", PAIR, length=MINUTE, volume=False
    )


def metatrader_4():
    row = lambda b: (f"{b.at:%Y.%m.%d}", f"{b.at:%H:%M}", *prices(b, 3), f"{b.volume:.0f}")
    return Made(table(None, row, YEN), "USDJPY1.csv", YEN, length=MINUTE)


def metatrader_5():
    head = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"
    row = lambda b: (f"{b.at:%Y.%m.%d}", f"{b.at:%H:%M:%S}", *prices(b, 5), f"{b.volume:.0f}", 0, 7)
    return Made(table(head, row, PAIR, sep="\t", encoding="utf-16"), "EURUSD_M1_202301030930_202301031559.csv",
                PAIR, length=MINUTE)  # fmt: skip


def dukascopy():
    head = "Gmt time,Open,High,Low,Close,Volume"
    row = lambda b: (f"{b.at:%d.%m.%Y %H:%M:%S}.000", *prices(b, 5), b.volume)
    return Made(table(head, row, PAIR), "EURUSD_Candlestick_1_M_BID_03.01.2023-03.01.2023.csv", PAIR,
                length=MINUTE, keys={"symbol": "EURUSD"})  # fmt: skip


def trading_view():
    head = "time,open,high,low,close,Volume,Volume MA"
    row = lambda b: (epoch(b.at), *prices(b), f"{b.volume:.0f}", "NaN")
    return Made(table(head, row, COIN), "BINANCE_BTCUSDT, 60.csv", COIN, length=HOUR)


def trading_view_iso():
    head = "time,open,high,low,close,Volume"
    row = lambda b: (f"{b.at:%Y-%m-%dT%H:%M:%S}-05:00", *prices(b), f"{b.volume:.0f}")
    return Made(
        table(head, row, SHARE),
        "BATS_SPY, 1.csv",
        SHARE,
        length=MINUTE,
        zone="shift5",
        symbol="SPY",
    )


def ninja_trader():
    row = lambda b: (f"{b.at:%Y%m%d %H%M%S}", *prices(b), f"{b.volume:.0f}")
    return Made(table(None, row, SHARE, sep=";"), "SPY.Last.txt", SHARE, length=MINUTE,
                keys={"symbol": "SPY"})  # fmt: skip


def sierra_chart():
    head = "Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume"
    row = lambda b: (f"{b.at.year}/{b.at.month}/{b.at.day}", f" {b.at:%H:%M:%S}", *(f" {p}" for p in prices(b)),
                     f" {b.volume:.0f}", " 100", " 1", " 2")  # fmt: skip
    return Made(table(head, row, SHARE), "SPY.txt", SHARE, length=MINUTE)


def trade_station():
    head = '"Date","Time","Open","High","Low","Close","Vol","OI"'
    row = lambda b: (f"{b.at:%m/%d/%Y}", f"{b.at + MINUTE:%H:%M}", *prices(b), f"{b.volume:.0f}", 0)
    return Made(table(head, row, SHARE), "SPY.txt", SHARE, length=MINUTE, keys={"dayfirst": False})


def lean_daily():
    deci = lambda x: round(x * 10_000)
    row = lambda b: (
        f"{b.at:%Y%m%d} 00:00",
        *(deci(x) for x in (b.open, b.high, b.low, b.close)),
        f"{b.volume:.0f}",
    )
    return Made(zipped(**{"msft.csv": table(None, row, STOCK)}), "msft.zip", STOCK, symbol="msft")


def finam():
    head = "<TICKER>;<PER>;<DATE>;<TIME>;<OPEN>;<HIGH>;<LOW>;<CLOSE>;<VOL>"
    row = lambda b: ("SBER", "D", f"{b.at:%d/%m/%y}", "00:00", *prices(b, 7), f"{b.volume:.0f}")
    return Made(table(head, row, STOCK, sep=";"), "SBER_230101_230301.txt", STOCK, symbol="SBER")


def oanda_json():
    rows = [{"complete": True, "volume": int(b.volume), "time": f"{b.at:%Y-%m-%dT%H:%M:%S}.000000000Z",
             "o": f"{b.open:.5f}", "h": f"{b.high:.5f}", "l": f"{b.low:.5f}", "c": f"{b.close:.5f}"}
            for b in PAIR]  # fmt: skip
    body = {"instrument": "EUR_USD", "granularity": "M1", "candles": rows}
    return Made(json.dumps(body).encode(), "candles.json", PAIR, length=MINUTE, symbol="EUR_USD")


def twelve_data_json():
    rows = [{"datetime": f"{b.at:%Y-%m-%d}", "open": f"{b.open:.5f}", "high": f"{b.high:.5f}",
             "low": f"{b.low:.5f}", "close": f"{b.close:.5f}", "volume": f"{b.volume:.0f}"}
            for b in STOCK[::-1]]  # fmt: skip
    body = {
        "meta": {"symbol": "MSFT", "interval": "1day", "currency": "USD"},
        "values": rows,
        "status": "ok",
    }
    return Made(json.dumps(body).encode(), "series.json", STOCK)


def alpaca_json():
    rows = [{"t": f"{b.at:%Y-%m-%dT%H:%M:%S}Z", "o": b.open, "h": b.high, "l": b.low, "c": b.close,
             "v": int(b.volume), "n": 9, "vw": round((b.high + b.low) / 2, 4)} for b in SHARE]  # fmt: skip
    body = {"bars": {"SPY": rows}, "next_page_token": None}
    return Made(json.dumps(body).encode(), "bars.json", SHARE, length=MINUTE)


def fmp_json():
    rows = [{"date": f"{b.at:%Y-%m-%d}", "open": b.open, "high": b.high, "low": b.low, "close": b.close,
             "adjClose": b.close, "volume": int(b.volume), "vwap": b.close, "label": "January 03, 23"}
            for b in STOCK[::-1]]  # fmt: skip
    return Made(json.dumps({"symbol": "MSFT", "historical": rows}).encode(), "x.json", STOCK)


def finnhub_json():
    body = {k: [getattr(b, f) for b in STOCK] for k, f in
            (("c", "close"), ("h", "high"), ("l", "low"), ("o", "open"), ("v", "volume"))}  # fmt: skip
    body |= {"s": "ok", "t": [epoch(b.at) for b in STOCK]}
    return Made(json.dumps(body).encode(), "MSFT.json", STOCK)


def pandas_json():
    frame = {f: {str(epoch(b.at, 1000)): getattr(b, f.lower()) for b in STOCK}
             for f in ("Open", "High", "Low", "Close", "Volume")}  # fmt: skip
    return Made(json.dumps(frame).encode(), "MSFT.json", STOCK)


# --- Germany, France, and around --------------------------------------------------------------


def boerse_frankfurt():
    head = "Datum;Eröffnung;Schluss;Tageshoch;Tagestief;Umsatz (Stück)"
    row = lambda b: (f"{b.at:%d.%m.%y}", comma(b.open, 2, "."), comma(b.close, 2, "."),
                     comma(b.high, 2, "."), comma(b.low, 2, "."), comma(b.volume, 0, "."))  # fmt: skip
    return Made(
        table(head, row, DEAR, sep=";", encoding="cp1252"),
        "DAX.csv",
        DEAR,
        keys={"columns": {"volume": "Umsatz (Stück)"}},
    )


def german_latin():
    head = "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen"
    row = lambda b: (f"{b.at:%d.%m.%Y}", *(comma(x, 2, ".") for x in (b.open, b.high, b.low, b.close)),
                     comma(b.volume, 0, "."))  # fmt: skip
    return Made(table(head, row, DEAR, sep=";", encoding="latin-1"), "DAX.csv", DEAR)


def ariva():
    head = "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen"
    row = lambda b: (f"{b.at:%Y-%m-%d}", *(comma(x, 2, ".") for x in (b.open, b.high, b.low, b.close)),
                     comma(b.volume, 0, "."), comma(b.volume * b.close, 0, "."))  # fmt: skip
    return Made(
        table(head, row, DEAR, sep=";"), "wkn_846900_historic.csv", DEAR, keys={"symbol": "DAX"}
    )


def onvista():
    head = "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen"
    row = lambda b: (f"{b.at:%d.%m.%Y}", *(comma(x, 2, ".") for x in (b.open, b.high, b.low, b.close)),
                     comma(b.volume, 0, "."))  # fmt: skip
    lines = (
        table(head, row, DEAR, sep=";", encoding="utf-8-sig")
        + b"\nStand: 01.03.2023; alle Angaben ohne Gew\xc3\xa4hr\n"
    )
    return Made(lines, "history.csv", DEAR, keys={"symbol": "DAX"})


def investing(head, form, encoding="utf-8-sig", million="M", decimal=","):
    def row(b):
        if decimal == ",":
            written = [comma(x, 2, ".") for x in (b.close, b.open, b.high, b.low)]
            volume = comma(b.volume / 1e6, 2) + million
        else:
            written = [f"{x:,.2f}" for x in (b.close, b.open, b.high, b.low)]
            volume = f"{b.volume / 1e6:.2f}{million}"
        return [
            f'"{x}"'
            for x in (form(b.at), *written, volume, "-0,95%" if decimal == "," else "-0.95%")
        ]

    bars = [Bar(b.symbol, b.at, b.open, b.high, b.low, b.close, round(round(b.volume / 1e6, 2) * 1e6))
            for b in DEAR]  # fmt: skip
    heading = ",".join(f'"{h}"' for h in head.split("|"))
    return Made(table(heading, row, bars[::-1], encoding=encoding), "DAX Historical Data.csv", bars)


def investing_english():
    return investing(
        "Date|Price|Open|High|Low|Vol.|Change %", lambda d: f"{d:%m/%d/%Y}", decimal="."
    )


def investing_german():
    return investing("Datum|Zuletzt|Eröffn.|Hoch|Tief|Vol.|+/- %", lambda d: f"{d:%d.%m.%Y}")


def investing_french():
    return investing(
        "Date|Dernier|Ouv.|Plus Haut|Plus Bas|Vol.|Variation %", lambda d: f"{d:%d/%m/%Y}"
    )


def investing_spanish():
    return investing("Fecha|Último|Apertura|Máximo|Mínimo|Vol.|% var.", lambda d: f"{d:%d.%m.%Y}")


def investing_italian():
    return investing("Data|Ultimo|Apertura|Massimo|Minimo|Vol.|Var. %", lambda d: f"{d:%d.%m.%Y}")


def investing_portuguese():
    return investing("Data|Último|Abertura|Máxima|Mínima|Vol.|Var%", lambda d: f"{d:%d.%m.%Y}")


def investing_japanese():
    return investing(
        "日付け|終値|始値|高値|安値|出来高|変化率 %",
        lambda d: f"{d.year}年{d.month:02}月{d.day:02}日",
        decimal=".",
    )


def investing_korean():
    return investing(
        "날짜|종가|시가|고가|저가|거래량|변동 %", lambda d: f"{d:%Y- %m- %d}", decimal="."
    )


def investing_chinese():
    return investing(
        "日期|收盘|开盘|高|低|交易量|涨跌幅",
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        decimal=".",
    )


def investing_russian():
    return investing("Дата|Цена|Откр.|Макс.|Мин.|Объём|Изм. %", lambda d: f"{d:%d.%m.%Y}")


def boursorama():
    head = "date\touv\thaut\tbas\tclot\tvol\tdevise\t"
    row = lambda b: (f"{b.at:%d/%m/%Y} 00:00", *prices(b), f"{b.volume:.0f}", "EUR", "")
    return Made(table(head, row, DEAR, sep="\t"), "DAX_2023-03-01.txt", DEAR, symbol="DAX")


def abc_bourse():
    row = lambda b: (
        "FR0000120073",
        f"{b.at:%d/%m/%y}",
        *(comma(x) for x in (b.open, b.high, b.low, b.close)),
        f"{b.volume:.0f}",
    )
    return Made(
        table(None, row, STOCK, sep=";"), "Cotations20230103.txt", STOCK, symbol="FR0000120073"
    )


def french_spaces():
    head = "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume"
    row = lambda b: (f"{b.at:%d/%m/%Y}", *(comma(x, 2, "\u202f") for x in (b.open, b.high, b.low, b.close)),
                     comma(b.volume, 0, "\u00a0"))  # fmt: skip
    return Made(table(head, row, DEAR, sep=";"), "DAX.csv", DEAR)


def euronext():
    lines = ['"Historical Data"', '"From 2023-01-03 to 2023-03-01"', '"FR0000131104"',
             "Date;Open;High;Low;Last;Close;\"Number of Shares\";\"Number of Trades\";Turnover;vwap"]  # fmt: skip
    rows = [f"{b.at:%d/%m/%Y};{';'.join(prices(b))};{b.close:.2f};{b.volume:.0f};9000;{b.volume * b.close:.2f};{(b.high + b.low) / 2:.4f}"
            for b in STOCK[::-1]]  # fmt: skip
    return Made(text(lines + rows), "BNP.csv", STOCK, symbol="BNP")


def swiss():
    head = "Date;Open;High;Low;Close;Volume"
    row = lambda b: (f"{b.at:%d.%m.%Y}", *(f"{x:,.2f}".replace(",", "'") for x in (b.open, b.high, b.low, b.close)),
                     f"{b.volume:,.0f}".replace(",", "\u2019"))  # fmt: skip
    return Made(table(head, row, DEAR, sep=";", encoding="cp1252"), "SMI.csv", DEAR, symbol="SMI")


def nordic():
    head = "Date;Bid;Ask;Opening price;High price;Low price;Closing price;Average price;Total volume;Turnover;Trades;"
    lines = ["sep=;"]
    rows = [";".join([f"{b.at:%Y-%m-%d}", "", "", *(comma(x) for x in (b.open, b.high, b.low, b.close)),
                      comma((b.high + b.low) / 2, 4), f"{b.volume:.0f}", comma(b.volume * b.close), "900", ""])
            for b in STOCK[::-1]]  # fmt: skip
    return Made(text([*lines, head, *rows]), "ERIC-B.csv", STOCK, symbol="ERIC-B")


# --- Asia ------------------------------------------------------------------------------------


def tushare():
    head = "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount"
    row = lambda b: ("600000.SH", f"{b.at:%Y%m%d}", *prices(b), 7.3, 0.1, 1.2, f"{b.volume / 100:.2f}",
                     f"{b.volume * (b.high + b.low) / 2 / 1000:.4f}")  # fmt: skip
    return Made(table(head, row, CHINA[::-1]), "daily.csv", CHINA, symbol="600000.SH")


def akshare(encoding="utf-8"):
    head = "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率"
    row = lambda b: (f"{b.at:%Y-%m-%d}", b.symbol, f"{b.open:.2f}", f"{b.close:.2f}", f"{b.high:.2f}",
                     f"{b.low:.2f}", f"{b.volume / 100:.0f}", f"{b.volume * (b.high + b.low) / 2:.2f}", 1.1, 0.3, 0.02, 0.08)  # fmt: skip
    return Made(table(head, row, CHINA, encoding=encoding), "浦发银行.csv", CHINA)


def akshare_gbk():
    return akshare("gbk")


def join_quant():
    head = ",open,close,high,low,volume,money,factor,code"
    row = lambda b: (f"{b.at:%Y-%m-%d}", f"{b.open:.2f}", f"{b.close:.2f}", f"{b.high:.2f}", f"{b.low:.2f}",
                     f"{b.volume:.1f}", f"{b.volume * b.close:.2f}", 1.0, "600000.XSHG")  # fmt: skip
    return Made(table(head, row, CHINA), "price.csv", CHINA, symbol="600000.XSHG")


def wind():
    head = "代码,简称,日期,开盘价(元),最高价(元),最低价(元),收盘价(元),成交量(股),成交金额(元)"
    row = lambda b: ("600000.SH", "浦发银行", f"{b.at:%Y-%m-%d}", *prices(b), f"{b.volume:,.0f}".join('""'),
                     f"{b.volume * b.close:,.2f}".join('""'))  # fmt: skip
    lines = table(head, row, CHINA, encoding="gb18030") + "\n数据来源：Wind\n".encode("gb18030")
    return Made(lines, "wind.csv", CHINA, symbol="600000.SH")


def csmar():
    lines = ["Stkcd,Trddt,Opnprc,Hiprc,Loprc,Clsprc,Dnshrtrd,Dnvaltrd",
             "证券代码,交易日期,开盘价,最高价,最低价,收盘价,成交股数,成交金额",
             "没有单位,没有单位,元/股,元/股,元/股,元/股,没有单位,没有单位"]  # fmt: skip
    rows = [",".join(["600000", f"{b.at:%Y-%m-%d}", *prices(b), f"{b.volume:.0f}", f"{b.volume * b.close:.2f}"])
            for b in CHINA]  # fmt: skip
    return Made(text(lines + rows, encoding="gbk"), "TRD_Dalyr.csv", CHINA)


def tdx():
    lines = [
        "600000 浦发银行 日线 前复权",
        "      日期\t    开盘\t    最高\t    最低\t    收盘\t    成交量\t    成交额",
    ]
    rows = [
        "\t".join([f"{b.at:%Y/%m/%d}", *prices(b), f"{b.volume:.0f}", f"{b.volume * b.close:.2f}"])
        for b in CHINA
    ]
    return Made(text([*lines, *rows, "#数据来源:通达信"], encoding="gbk", end="\r\n"), "SH#600000.txt", CHINA,
                keys={"symbol": "600000"})  # fmt: skip


def twse():
    lines = ['"112年01月 2330 台積電           各日成交資訊"',
             '"日期","成交股數","成交金額","開盤價","最高價","最低價","收盤價","漲跌價差","成交筆數",']  # fmt: skip
    rows = [f'"{b.at.year - 1911}/{b.at:%m/%d}","{b.volume:,.0f}","{b.volume * b.close:,.0f}",'
            + ",".join(f'"{p}"' for p in prices(b)) + ',"+1.00","20,180",' for b in STOCK]  # fmt: skip
    notes = ['"說明:"', '"符號說明:+/-/X表示漲/跌/不比價"']
    return Made(text([*lines, *rows, *notes], encoding="big5", end="\r\n"), "STOCK_DAY_2330_202301.csv", STOCK,
                keys={"symbol": "2330"}, symbol="2330")  # fmt: skip


def kabu():
    lines = ["1301 東証1部 (株)極洋", "日付,始値,高値,安値,終値,出来高,終値調整値"]
    rows = [
        ",".join(
            f'"{x}"' for x in (f"{b.at:%Y-%m-%d}", *prices(b), f"{b.volume:.0f}", f"{b.close:.2f}")
        )
        for b in STOCK
    ]
    return Made(
        text([*lines, *rows], encoding="cp932"),
        "1301_2023.csv",
        STOCK,
        keys={"symbol": "1301"},
        symbol="1301",
    )


def japan_euc():
    head = "年月日,コード,始値,高値,安値,終値,売買高,売買代金"
    row = lambda b: (
        f"{b.at:%Y/%m/%d}",
        "7203",
        *prices(b),
        f"{b.volume:.0f}",
        f"{b.volume * b.close:.0f}",
    )
    return Made(table(head, row, STOCK, encoding="euc-jp"), "toyota.csv", STOCK, symbol="7203")


def j_quants_json():
    rows = [{"Date": f"{b.at:%Y-%m-%d}", "Code": "72030", "Open": b.open, "High": b.high, "Low": b.low,
             "Close": b.close, "UpperLimit": "0", "Volume": b.volume, "TurnoverValue": b.volume * b.close,
             "AdjustmentFactor": 1.0} for b in STOCK]  # fmt: skip
    return Made(
        json.dumps({"daily_quotes": rows, "pagination_key": "x"}).encode(),
        "quotes.json",
        STOCK,
        symbol="72030",
    )


def krx():
    head = "일자,종가,대비,등락률,시가,고가,저가,거래량,거래대금"
    row = lambda b: [f'"{x}"' for x in (f"{b.at:%Y/%m/%d}", f"{b.close:.2f}", "1", "0.1", f"{b.open:.2f}",
                     f"{b.high:.2f}", f"{b.low:.2f}", f"{b.volume:.0f}", f"{b.volume * b.close:.0f}")]  # fmt: skip
    return Made(
        table(head, row, STOCK[::-1], encoding="cp949"), "005930.csv", STOCK, symbol="005930"
    )


def nse_bhavcopy():
    head = "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN,"
    row = lambda b: ("M&M", "EQ", *prices(b), f"{b.close:.2f}", f"{b.close:.2f}", f"{b.volume:.0f}",
                     f"{b.volume * b.close:.2f}", f"{b.at:%d-%b-%Y}".upper(), 900, "INE101A01026", "")  # fmt: skip
    return Made(table(head, row, STOCK), "cm03JAN2023bhav.csv", STOCK, symbol="M_M")


def nse_history():
    head = '"Date ","series ","OPEN ","HIGH ","LOW ","PREV. CLOSE ","ltp ","close ","vwap ","52W H ","52W L ","VOLUME ","VALUE ","No of trades "'
    indian = lambda n: f"{n:,.2f}"
    row = lambda b: [f'"{x}"' for x in (f"{b.at:%d-%b-%Y}", "EQ", *(indian(x) for x in (b.open, b.high, b.low)),
                     indian(b.close), indian(b.close), indian(b.close), indian((b.high + b.low) / 2), "9,999.00", "1.00",
                     _lakhs(b.volume), _lakhs(b.volume * b.close), "9,000")]  # fmt: skip
    return Made(
        table(head, row, DEAR[::-1], encoding="utf-8-sig"), "NIFTY.csv", DEAR, symbol="NIFTY"
    )


def _lakhs(number):
    digits = f"{number:.0f}"
    head, tail = digits[:-3], digits[-3:]
    parts = []
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*parts, tail])


def bse():
    head = ("Date,Open Price,High Price,Low Price,Close Price,WAP,No.of Shares,No. of Trades,"
            "Total Turnover (Rs.),Deliverable Quantity,% Deli. Qty to Traded Qty,Spread High-Low,Spread Close-Open")  # fmt: skip
    row = lambda b: (f"{b.at.day}-{b.at:%B}-{b.at.year}", *prices(b), f"{(b.high + b.low) / 2:.4f}", f"{b.volume:.0f}",
                     900, f"{b.volume * b.close:.0f}", "", "", 1.0, 0.5, "")  # fmt: skip
    return Made(table(head, row, STOCK[::-1]), "500325.csv", STOCK, symbol="500325")


def b3_brazil():
    head = "DATA;PREABE;PREMAX;PREMIN;PREULT;QUATOT;VOLTOT;CODNEG"
    row = lambda b: (f"{b.at:%d/%m/%Y}", *(comma(x) for x in (b.open, b.high, b.low, b.close)), f"{b.volume:.0f}",
                     comma(b.volume * b.close), "PETR4")  # fmt: skip
    return Made(table(head, row, STOCK, sep=";"), "cotahist.csv", STOCK, symbol="PETR4",
                keys={"columns": {"close": "PREULT"}})  # fmt: skip


# --- containers ------------------------------------------------------------------------------


def frame(bars):
    return pl.DataFrame(
        {"Date": [b.at for b in bars], "Open": [b.open for b in bars], "High": [b.high for b in bars],
         "Low": [b.low for b in bars], "Close": [b.close for b in bars], "Volume": [b.volume for b in bars]}
    )  # fmt: skip


def arrow():
    buffer = io.BytesIO()
    frame(STOCK).write_ipc(buffer)
    return Made(buffer.getvalue(), "MSFT.feather", STOCK)


def pandas_columns_parquet():
    columns = {"Date": pl.Series(DAYS)}
    for name in ("Close", "High", "Low", "Open", "Volume"):
        for symbol, bars in TWO.items():
            columns[f"('{name}', '{symbol}')"] = pl.Series([getattr(b, name.lower()) for b in bars])
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return Made(buffer.getvalue(), "yf.parquet", sum(TWO.values(), []))


def zip_of_symbols():
    parts = {
        f"prices/{s}.csv": table("Date,Open,High,Low,Close,Volume", ohlcv("%Y-%m-%d"), b)
        for s, b in TWO.items()
    }
    return Made(
        zipped(**parts, **{"__MACOSX/x.csv": b"junk", "README.txt": b"hello"}),
        "all.zip",
        sum(TWO.values(), []),
    )


def qlib_bin():
    files = {"calendars/day.txt": "\n".join(f"{d:%Y-%m-%d}" for d in DAYS),
             "instruments/all.txt": "MSFT\t2023-01-03\t2023-03-01\n"}  # fmt: skip
    for name in ("open", "high", "low", "close", "volume"):
        values = [getattr(b, name) for b in STOCK[5:]]
        files[f"features/msft/{name}.day.bin"] = struct.pack(f"<{len(values) + 1}f", 5.0, *values)
    return Made(zipped(**files), "qlib.zip", STOCK[5:])


def json_split():
    rows = [[*(float(p) for p in prices(b)), b.volume] for b in STOCK]
    body = {
        "columns": ["Open", "High", "Low", "Close", "Volume"],
        "index": [f"{b.at:%Y-%m-%d}" for b in STOCK],
        "data": rows,
    }
    return Made(json.dumps(body).encode(), "MSFT.json", STOCK)


def spaces_between():
    head = "Date        Open    High    Low    Close   Volume"
    lines = [head, *("   ".join(ohlcv("%Y-%m-%d")(b)) for b in STOCK)]
    return Made(text(lines), "MSFT.prn", STOCK)


def excel_serials():
    origin = datetime(1899, 12, 30)
    row = lambda b: ((b.at - origin).days, *prices(b), f"{b.volume:.0f}")
    return Made(table("Date,Open,High,Low,Close,Volume", row, STOCK), "MSFT.csv", STOCK)


def mixed_dates():
    forms = ["%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%Y%m%d", "%b %d %Y"]
    row = lambda b: (b.at.strftime(forms[b.at.day % 5]), *prices(b), f"{b.volume:.0f}")
    return Made(table("Date,Open,High,Low,Close,Volume", row, STOCK), "MSFT.csv", STOCK)


def blank_lines_and_missing():
    rows = [line for b in STOCK for line in (",".join(ohlcv("%Y-%m-%d")(b)), "")]
    lines = [
        "Data by X",
        "",
        "Date,Open,High,Low,Close,Volume",
        *rows,
        "Total,,,,,",
        "Data provided by X, Inc.",
    ]
    return Made(text(lines), "MSFT.csv", STOCK)


_HELPERS = {"business_days", "text", "table", "zipped", "comma", "epoch", "ohlcv", "prices", "frame",
            "investing", "expected_end", "field", "dataclass"}  # fmt: skip
SHAPES = [
    each
    for name, each in sorted(globals().items())
    if type(each).__name__ == "function" and not name.startswith("_") and name not in _HELPERS
]


def expected_end(made: Made, bar: Bar) -> datetime:
    """When a bar of a truth was complete, in UTC."""
    if made.zone == "shift5":
        start = (bar.at + timedelta(hours=5)).replace(tzinfo=UTC)
    else:
        start = bar.at.replace(tzinfo=ZoneInfo(made.zone))
    if made.length is None:
        start = bar.at.replace(tzinfo=ZoneInfo(made.keys.get("timezone", "UTC")))
        return (start + timedelta(days=1) - timedelta(seconds=1)).astimezone(UTC)
    return start.astimezone(UTC) + made.length


__all__ = ["SHAPES", "Made", "date", "expected_end"]
