"""What each value is called: code puts a value's name before it, so no writer can swap two. Pure.

A name is itself a text with references, never with numbers: a figure of one run among several is
called by the run's name, a pattern's by the pattern's id.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Name(NamedTuple):
    """A value's name in both languages."""

    english: str
    chinese: str


NAMES: Final[dict[str, Name]] = {
    "annual_return": Name("annual return", "年化收益率"),
    "benchmark_annual_return": Name("benchmark annual return", "基准年化收益率"),
    "gross_annual_return": Name("annual return before costs", "费前年化收益率"),
    "annual_volatility": Name("annual volatility", "年化波动率"),
    "sharpe": Name("Sharpe ratio", "夏普比率"),
    "sharpe_standard_error": Name("standard error of the Sharpe ratio", "夏普比率标准误"),
    "sharpe_t": Name("Sharpe ratio in standard errors", "夏普比率与标准误之比"),
    "sortino": Name("Sortino ratio", "索提诺比率"),
    "calmar": Name("Calmar ratio", "卡玛比率"),
    "max_drawdown": Name("worst drawdown", "最大回撤"),
    "annual_turnover": Name("annual turnover", "年换手率"),
    "annual_cost": Name("annual cost", "年成本"),
    "total_cost": Name("total cost", "总成本"),
    "name": Name("study", "研究"),
    "run_id": Name("run", "运行"),
    "symbols": Name("number of symbols", "标的数"),
    "first_ts": Name("first bar", "首根K线"),
    "last_ts": Name("last bar", "末根K线"),
    "drawdown.depth": Name("worst drawdown", "最大回撤"),
    "drawdown.peak": Name("peak of the worst drawdown", "最大回撤起点"),
    "drawdown.trough": Name("trough of the worst drawdown", "最大回撤谷底"),
    "drawdown.recovered": Name("recovery of the worst drawdown", "最大回撤修复日"),
    "drawdown.benchmark": Name("benchmark return in the worst drawdown", "最大回撤期间基准收益率"),
    "trials.count": Name("trials on the same data", "同一数据上的试验数"),
}
"""By the whole reference or by its last part; any other is called by its own words."""

OWNERS: Final = (
    (re.compile(r"^(runs\[\d+\])\."), "run_id", " of run {{%s.run_id}}"),
    (re.compile(r"^(pattern\.P\d+)\."), "id", " of pattern {{%s.id}}"),
    (re.compile(r"^(pattern\.contributors\[\d+\])\."), "field", " of {{%s.field}}"),
)
"""Of what a value is, where there are several of a kind."""
_PLAIN = re.compile(r"[^a-z]+")


def name_of(reference: str) -> Name:
    """Return what the value behind a reference is called.

    Examples
    --------
    >>> name_of("run.sharpe").english, name_of("market.breadth_rank").english
    ('Sharpe ratio', 'market breadth rank')
    >>> name_of("pattern.P12.confidence").english
    'pattern confidence of pattern {{pattern.P12.id}}'
    """
    last = reference.rpartition(".")[2]
    own = NAMES.get(reference) or (
        NAMES.get(last) if reference.startswith(("run.", "runs[")) else None
    )
    if own is None:
        words = re.sub(r"^(run|spec)s?(\[\d+\])?\.", "", re.sub(r"\.P\d+|\[\d+\]", "", reference))
        plain = _PLAIN.sub(" ", words.lower()).strip()
        own = Name(plain, plain)
    for pattern, identity, owner in OWNERS:
        found = pattern.match(reference)
        if found and last != identity:
            suffix = owner % found[1]
            return Name(own.english + suffix, own.chinese + suffix)
    return own
