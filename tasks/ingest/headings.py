"""The headings by which columns of bars are known, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# The most telling heading first; written as `plain` writes it.
_TABLE = {
    "symbol": """
        symbol ticker tscode instrument code stockcode secucode seccode securitycode windcode
        swindcode sid ric isin permno actsymbol security asset contract pair product
        证券代码 股票代码 交易代码 合约代码 标的代码 代码 交易对 合约 标的 品种
        name 股票名称 证券名称 证券简称 股票简称 名称""",
    "date": """
        datetime timestamp ts candletime bartime 日期时间 时间戳
        date tradedate tradingdate tradingday tradeday tradedt dates day dt t 交易日期 交易日 日期
        indexlevel0 unnamed0 index""",
    "time": "time timeofday tradetime tradingtime 交易时间 时间 时刻",
    "open_time": "opentime starttime barstart candlebegintime start begin 开始时间 开盘时间",
    "close_time": "closetime endtime barend candleendtime end 结束时间 收盘时间",
    "open": """
        open openprice priceopen pxopen openpx openingprice sdqopen o 开盘价 开盘 今开 今开盘""",
    "high": "high highprice pricehigh pxhigh highpx highestprice sdqhigh h 最高价 最高",
    "low": "low lowprice pricelow pxlow lowpx lowestprice sdqlow l 最低价 最低",
    "close": """
        close closeprice priceclose pxlast pxclose closepx closelast closingprice sdqclose
        last lastprice lastpx price c 收盘价 收盘 最新价""",
    "volume": """
        volume vol pxvolume tradedvolume tradevolume totalvolume sdqvolume basevolume v
        成交量 总手""",
    "amount": """
        amount quotevolume quoteassetvolume money tradedvalue tradingvalue dollarvolume
        sdqamount pxturnover 成交额 成交金额""",
    "vwap": """
        vwap vw pxvwap avgprice averageprice weightedaverageprice sdqavgprice 成交均价 均价""",
    "factor": "factor",
    "adj_factor": """
        adjfactor adjustfactor adjustmentfactor backadjfactor sdqadjfactor hfqfactor
        后复权因子 复权因子""",
    "adj_close": """
        adjclose adjustedclose closeadj closeadjusted adjustedcloseprice adjclosingprice
        adjcloseprice sdqadjclose 后复权收盘价 复权收盘价 前复权收盘价 后复权价 复权价""",
    "known_at": """
        knownat availableat publishedat publishtime knowledgetime knowledgedate releasedat""",
}
HEADINGS: Mapping[str, tuple[str, ...]] = {
    canonical: tuple(known.split()) for canonical, known in _TABLE.items()
}
TIMES = ("close_time", "open_time", "date", "time")
"""The columns that can say when a bar was; the first that a file has is used."""


def plain(heading: str) -> str:
    """Return a heading without case, spaces, punctuation, units in brackets, and numbering.

    Examples
    --------
    >>> [plain(h) for h in ("Adj Close**", "<TICKER>", "$close", "1. open", "成交量(股)")]
    ['adjclose', 'ticker', 'close', 'open', '成交量']
    """
    bare = unicodedata.normalize("NFKC", heading).strip().lower()
    bare = re.sub(r"^\d+\.\s*", "", bare)
    bare = re.sub(r"[(\[].*?[)\]]", "", bare)
    return re.sub(r"[\W_]+", "", bare)
