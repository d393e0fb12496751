"""What the assistant knows of the source that needs no file: its symbols, names and period."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple


class Listed(NamedTuple):
    """A symbol of the source."""

    symbol: str
    first: date
    """The day of its first bar."""
    names: str
    """What people call it, separated by bars."""


class Source(NamedTuple):
    """A source of bars."""

    name: str
    first: date | None
    """The day of its first bar; none where a prompt cannot know it."""
    last: date | None
    frequency: str
    listed: tuple[Listed, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, sorted."""
        return tuple(sorted(row.symbol for row in self.listed))


SAMPLE: Final = Source(
    "sample",
    date(2000, 3, 1),
    date(2013, 3, 1),
    "day",
    (
        Listed("AAPL", date(2000, 3, 1), "apple|apple inc|苹果|苹果公司"),
        Listed("FB", date(2012, 5, 18), "facebook|meta|meta platforms|脸书|脸谱|元宇宙公司"),
        Listed("GOOG", date(2004, 8, 19), "google|alphabet|googl|谷歌|字母表公司"),
        Listed(
            "IBM", date(2000, 3, 1), "international business machines|国际商业机器|国际商用机器"
        ),
        Listed("MSFT", date(2000, 3, 1), "microsoft|微软|微软公司"),
    ),
)
"""The prices that ship."""

FILE: Final = Source("file", None, None, "day", ())
"""A person's own file: nothing of it is known before it is read."""

ELSEWHERE: Final = (
    ("AMZN", "amazon|亚马逊"), ("NFLX", "netflix|奈飞|网飞"), ("NVDA", "nvidia|英伟达"),
    ("TSLA", "tesla|特斯拉"), ("INTC", "intel|英特尔"), ("ORCL", "oracle|甲骨文"),
    ("CSCO", "cisco|思科"), ("BABA", "alibaba|阿里巴巴|阿里"), ("0700.HK", "tencent|腾讯"),
    ("600519", "kweichow moutai|moutai|贵州茅台|茅台"), ("BTC", "bitcoin|crypto|比特币|加密货币"),
    ("S&P 500", "s&p 500|s&p500|s&p|sp500|sp 500|spx|spy|标普500|标普五百|标普"),
    ("Nasdaq", "nasdaq|nasdaq 100|qqq|纳斯达克|纳指"), ("Dow Jones", "dow jones|dow|道琼斯|道指"),
    ("CSI 300", "csi 300|csi300|hs300|沪深300|沪深三百"), ("CSI 500", "csi 500|csi500|中证500"),
    ("A-shares", "a-shares|a shares|a-share|chinese shares|chinese stocks|A股|中国股票|全市场"),
    ("buy and hold", "buy and hold|buy & hold|买入并持有|买入持有"),
)  # fmt: skip
"""What people ask for and this source has not: its name, and what it is called."""
