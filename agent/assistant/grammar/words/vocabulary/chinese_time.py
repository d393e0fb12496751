"""Chinese vocabulary: dates and durations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ("YEARWORD", "year", "年|年份|年度"),
    ("MONTHWORD", None, "月|月份"),
    ("DAYWORD", "day", "日"),
    ("DAYNUMBER", None, "号"),
    ("QUARTER", None, "季度|季"),
    ("FIRSTHALF", 1, "上半年"),
    ("FIRSTHALF", 2, "下半年"),
    ("YEARBEGIN", None, "年初|年年初|年开始时"),
    ("YEAREND", None, "年底|年末|年年底|年年末"),
    ("NOW", None, "今天|现在|至今|今|目前|最新|数据末尾|数据结束"),
    ("OUTSET", None, "最早|数据开始|开头"),
    ("UNIT", "day", "天"),
    ("UNIT", "bar", "个交易日|交易日|根|根k线"),
    ("UNIT", "week", "周|个星期|星期"),
    ("UNIT", "month", "个月"),
    ("UNIT", "quarter", "个季度"),
    ("UNIT", "hour", "小时"),
    ("UNIT", "minute", "分钟"),
    ("HALFYEAR", None, "半年"),
    ("TERM", None, "期"),
    ("FROM", None, "从|自|自从|由"),
    ("TO", None, "到|至|直到|截至|截止|截止到|截至到|直至"),
    ("BEGIN", None, "起始|起始于|开始日期|起始日期|开始时间|起始年份"),
    ("FINISH", None, "结束|结束于|结束日期|终止|终止于|结束时间|终止日期"),
    ("BETWEEN", None, "介于"),
    ("SINCE", None, "始于"),
    ("ONWARDS", None, "以来|起|开始|往后|以来的|起的"),
    ("SOMETIMEAFTER", None, "之后|以后|后|之后的|以后的"),
    ("BETWEENS", None, "之间|之间的"),
    ("ASFOR", None, "之前|以前"),
    ("IN", None, "在|于|期间|区间|中|内|里|间|为止|上|时|持续|为期"),
    ("LAST", None, "最近|过去|近|最近的|过去的|最后的"),
    ("FRONT", None, "前"),
    ("OPENING", None, "头|最初|最初的|开头的"),
    ("LASTYEAR", 1, "去年"),
    ("LASTYEAR", 0, "今年"),
    ("LASTYEAR", 2, "前年"),
    (
        "WHOLE",
        None,
        (
            "全部数据|所有数据|全样本|整个区间|全部历史|整个样本|全部时间|所有历史|全区间|整个历史"
            "|全历史"
        ),
    ),
)
"""Kind, value, phrases separated by bars."""
