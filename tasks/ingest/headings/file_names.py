"""What the name of a file says: its symbol, and how far apart its bars are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from configs.errors import BadInput
from taskspecs.frequencies import FREQUENCIES

if TYPE_CHECKING:
    from taskspecs.frequencies import Frequency

LONGEST = 32
_ENDINGS = re.compile(
    r"(\.(csv|txt|tsv|parquet|pq|gz|bz2|xz|zst|zip|xlsx?|xlsm|xlsb|ods|jsonl?|ndjson|feather|arrow|"
    r"ipc|prn|psv|asc|dat|tab|log|out|md|html?))+$",
    re.IGNORECASE,
)
_WORDS: dict[str, Frequency] = {
    word: name for name, bars in FREQUENCIES.items() for word in (name, *bars.spellings)
}
_MINUTES: dict[str, Frequency] = {
    str(bars.distance // timedelta(minutes=1)): name for name, bars in FREQUENCIES.items()
}
_PAIR = re.compile(rf"^([A-Za-z]{{6}})({'|'.join(_MINUTES)})$")
_DATE = re.compile(
    r"(?:(?:19|20)\d{2}(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01])"
    r"(?:\d{4}|\d{6})?)?)?)"
)
_NOISE = re.compile(
    r"(?i)^(dat|ascii|mt4?|historical|history|data|prices?|ohlcv?t?|bars?|candles?|klines?|"
    r"quotes?|export|download|utc|bid|ask|from|to|trade|stock|daily|full|adjsplit|adjsplitdiv|"
    r"unadjusted|adjusted|eod|intraday|time|series|ticks?|chart|candlestick|spot|nse|bats|nasdaq|nyse|amex|binance|bitstamp|coinbase|kraken|"
    r"okx|bybit|oanda|fx|cboe|historicaldata|dane|hist)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says; `symbol` is None where nothing of it can be one."""

    symbol: str | None
    frequency: Frequency | None


def tell(name: str) -> Named:
    """Return the symbol and the frequency that a file's name means.

    Dates, frequencies, and words such as `historical data` are left out as long as something is
    left.

    Examples
    --------
    >>> tell("BTCUSDT-1h-2021-01.csv")
    Named(symbol='BTCUSDT', frequency='1h')
    >>> tell("DAT_ASCII_EURUSD_M1_2012.csv")
    Named(symbol='EURUSD', frequency='1min')
    >>> tell("XBTUSD_60.csv").frequency, tell("BATS_AAPL, 1D.csv").symbol
    ('1h', 'AAPL')
    >>> tell("btc perp.csv.gz").symbol
    'btc_perp'
    """
    stem = _ENDINGS.sub("", PurePosixPath(name.replace("\\", "/")).name)
    meta = _PAIR.match(stem)
    if meta:  # MetaTrader: the minutes stand right behind the pair
        return Named(meta[1], _MINUTES[meta[2]])
    bare = re.sub(r"\(.*?\)", lambda match: " " + match[0][1:-1] + " ", stem)
    undated = _DATE.sub("\0", bare) if re.search(r"[A-Za-z]", _DATE.sub("", bare)) else bare
    words = re.split(r"[^A-Za-z0-9.\-^=\0]+|-(?=\d+[a-z]+\b)|-(?=\0)", undated)
    words = [word.replace("\0", "").strip("-.") for word in words]
    words = [word for word in words if word]
    frequency = next((_WORDS[w.lower()] for w in words if w.lower() in _WORDS), None)
    if frequency is None and len(words) > 1 and words[-1] in _MINUTES:
        frequency = _MINUTES[words[-1]]
        words = words[:-1]
    kept = [w for w in words if w.lower() not in _WORDS or len(words) == 1]
    kept = [w for w in kept if not _NOISE.match(w)] or kept
    symbol = _as_symbol("_".join(kept)) or _as_symbol(stem)
    return Named(symbol, frequency)


def _as_symbol(text: str) -> str | None:
    text = re.sub(r"[^A-Za-z0-9._\-^=]+", "_", text)
    return re.sub(r"^[^A-Za-z0-9]+", "", text)[:LONGEST].rstrip("_.-") or None


def symbol_of(name: str) -> str:
    """Return the symbol that a file's name means.

    Raises
    ------
    BadInput
        If nothing of the name can stand in a symbol.

    Examples
    --------
    >>> symbol_of("btc perp (1m).csv.gz")
    'btc_perp'
    """
    symbol = tell(name).symbol
    if symbol is None:
        raise BadInput(
            f"`{name}` has no column with symbols, and its name cannot be one",
            hint="say it under `data`, as `symbol: AAPL`, or name the column: "
            "`columns: {symbol: <your column>}`",
        )
    return symbol
