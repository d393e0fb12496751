"""Chinese vocabulary: numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ("HAN_DIGIT", 0, "零|〇"),
    ("HAN_DIGIT", 1, "一"),
    ("HAN_DIGIT", 2, "二|两"),
    ("HAN_DIGIT", 3, "三"),
    ("HAN_DIGIT", 4, "四"),
    ("HAN_DIGIT", 5, "五"),
    ("HAN_DIGIT", 6, "六"),
    ("HAN_DIGIT", 7, "七"),
    ("HAN_DIGIT", 8, "八"),
    ("HAN_DIGIT", 9, "九"),
    ("HAN_TEN", 10, "十"),
    ("HAN_TEN", 100, "百"),
    ("HAN_TEN", 1000, "千"),
    ("HAN_SCALE", 10000, "万"),
    ("HAN_SCALE", 100000000, "亿"),
    ("HAN_POINT", None, "点"),
    ("PERMIL_OF", None, "千分之"),
    ("PERTENK_OF", None, "万分之"),
    ("PERCENT_OF", None, "百分之"),
    ("NTH_OF", None, "第"),
)
"""Kind, value, phrases separated by bars."""
