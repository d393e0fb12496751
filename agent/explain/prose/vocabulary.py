"""The words that a model may write between references. Pure.

Whatever could carry a fact is missing on purpose: names of figures, units, numbers, signs,
directions, comparisons, orders of time, causes, negations, decisions. Those are written by code,
beside the value they belong to. A list of forbidden words would never be complete; this one is.
"""

from __future__ import annotations

from typing import Final

ENGLISH: Final = frozenset(
    word
    for line in (
        "a an the this that these it its of in on for by as at with and also",
        "is was are were has had have stands stood shows show showed reads read comes came gives",
        "gave records recorded says said holds reports reported covers covered uses used lists",
        "listed names named which where while here there each both against beside alongside next",
        "together study run strategy account result results row rows value values figure figures",
        "data question asked answer follows following summary overview source detail details",
        "called known given shown measured stated found according warehouse table explanation",
    )
    for word in line.split()
)
CHINESE: Final = frozenset(
    word
    for line in (
        "的 是 为 在 与 和 及 以及 该 此 这 其 之 也 并 由 对 有 于 而 中 里 上 处 从中",
        "研究 策略 账户 结果 数据 数值 数字 显示 记录 给出 列出 位于 处于 来自 关于 根据 对照 分别",
        "问题 回答 如下 说明 概述 运行 表中 所示 所载 其中 本次 这次 可见 读作 称为 达 报告",
    )
    for word in line.split()
)
MARKS: Final = frozenset(" .,;:，。；：、")
