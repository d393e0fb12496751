"""Bars by libraries that are extras: yfinance and akshare, imported only when they are asked."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import polars as pl

from configs.errors import Failed, Unreachable
from tasks.sources.providers.port import Piece, Span, day
from tasks.streams.decoding.history import DAY_US

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import pandas as pd

ADJUSTED: Final = (
    "Prices are as traded, adjusted for splits where the vendor does so; `adj_close` holds all "
    "adjustments as they are known today, dividends too. They are not point-in-time: a later split "
    "or dividend changes earlier values, and companies that are gone may be missing, so a study on "
    "these bars sees survivors."
)
_COLUMNS: Final = ("open", "high", "low", "close", "volume", "amount", "adj_close")


class Library:
    """A library that returns all days of a symbol at once."""

    name: ClassVar[str]
    package: ClassVar[str]
    terms: ClassVar[str]
    caveats: ClassVar[str] = ADJUSTED

    @property
    def lengths(self) -> Mapping[str, int]:
        """Days alone."""
        return {"day": DAY_US}

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where they come from, and on which terms."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            installed = version(self.package)
        except PackageNotFoundError:
            installed = "?"
        return {
            "from": f"{self.package} {installed}",
            "licence": self.terms,
            "limits": "those of the library's vendor",
            "caveats": self.caveats,
        }

    async def pieces(self, symbol: str, span: Span) -> AsyncIterator[Piece]:
        """Yield all days of a symbol."""
        library = self._imported()
        first = date.fromisoformat(day(span.start_us))
        last = date.fromisoformat(day(span.end_us - 1))
        try:
            bars = await asyncio.to_thread(self.ask, library, symbol, first, last)
        except Exception as error:
            raise Unreachable(
                f"{self.package} brings nothing of {symbol}: {type(error).__name__}: "
                f"{str(error)[:200]}",
                hint="the vendor may ask for patience, or not know the symbol",
            ) from error
        yield Piece(_sound(bars, symbol, first, last), span.end_us)

    def ask(self, library: Any, symbol: str, first: date, last: date) -> pd.DataFrame:
        """Ask the library; return a frame with `date`, prices, volume, and what else there is."""
        raise NotImplementedError

    def library(self) -> Any:
        """Import the library."""
        raise NotImplementedError

    def _imported(self) -> Any:
        try:
            return self.library()
        except ImportError as error:
            raise Failed(
                f"{self.package} is not installed: {error}",
                next_command=f'uv pip install "qraft[{self.name}]"',
            ) from error


class YFinance(Library):
    """Yahoo's daily bars."""

    name = "yfinance"
    package = "yfinance"
    terms = "Yahoo's terms of service: for personal use; the data are not to be passed on."

    def library(self) -> Any:
        """Import yfinance."""
        import yfinance

        return yfinance

    def ask(self, library: Any, symbol: str, first: date, last: date) -> pd.DataFrame:
        """Ask for days with the close as it is adjusted today beside them."""
        told = library.Ticker(symbol).history(
            start=first.isoformat(), end=(last + timedelta(days=1)).isoformat(), interval="1d",
            auto_adjust=False, actions=False,
        )  # fmt: skip
        if told.empty:
            raise LookupError("no prices; the library has logged why")
        frame = told.rename(columns=str.lower).rename(columns={"adj close": "adj_close"})
        frame["date"] = [stamp.date() for stamp in frame.index]
        made: pd.DataFrame = frame.reset_index(drop=True)
        return made


class AkShare(Library):
    """Daily bars of Chinese shares, by akshare from Eastmoney."""

    name = "akshare"
    package = "akshare"
    terms = "akshare is for research; the data are Eastmoney's, under its terms."
    words: ClassVar = {
        "日期": "date", "开盘": "open", "最高": "high", "最低": "low", "收盘": "close",
        "成交量": "volume", "成交额": "amount",
    }  # fmt: skip
    lot: ClassVar = 100
    """Volumes are in lots."""

    def library(self) -> Any:
        """Import akshare."""
        import akshare

        return akshare

    def ask(self, library: Any, symbol: str, first: date, last: date) -> pd.DataFrame:
        """Ask for days as traded, and for closes that are adjusted from the first day on."""
        period = {"symbol": symbol, "period": "daily", "start_date": f"{first:%Y%m%d}",
                  "end_date": f"{last:%Y%m%d}"}  # fmt: skip
        traded = library.stock_zh_a_hist(**period, adjust="")
        adjusted = library.stock_zh_a_hist(**period, adjust="hfq")
        frame = traded.rename(columns=self.words)[list(self.words.values())]
        closes = adjusted.rename(columns=self.words).set_index("date")["close"]
        frame["adj_close"] = frame["date"].map(closes)
        made: pd.DataFrame = frame.assign(volume=frame["volume"] * self.lot)
        return made


LIBRARIES: Final = {each.name: each for each in (YFinance, AkShare)}


def _sound(told: pd.DataFrame, symbol: str, first: date, last: date) -> pl.DataFrame:
    """Return a library's frame as the bars of a file; days without a price are left out."""
    columns = [name for name in _COLUMNS if name in told.columns]
    missing = {"date", "open", "high", "low", "close"} - set(told.columns)
    if missing:
        raise Failed(f"the library's answer has no {min(missing)}")
    days = [
        each if isinstance(each, date) else date.fromisoformat(str(each)) for each in told["date"]
    ]
    series = [pl.Series(name, told[name].to_numpy(dtype="float64")) for name in columns]
    bars = pl.DataFrame([pl.Series("date", days, dtype=pl.Date), *series]).with_columns(
        pl.lit(symbol).alias("symbol"), pl.col(*columns).fill_nan(None)
    )
    within = pl.col("date").is_between(first, last) & pl.col("close").is_not_null()
    return bars.filter(within).sort("date").select("symbol", "date", *columns)
