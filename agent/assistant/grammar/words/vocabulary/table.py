"""All tables of words, and what one of their entries is."""

from __future__ import annotations

from typing import Any, Final

from agent.assistant.grammar.words.vocabulary import (
    chinese_filler,
    chinese_numbers,
    chinese_rules,
    chinese_study,
    chinese_time,
    chinese_trade,
    english_filler,
    english_numbers,
    english_rules,
    english_study,
    english_time,
    english_trade,
)

Entry = tuple[str, Any, str]
"""The kind of a lexeme, its value, and the phrases that mean it, separated by bars."""

TABLES: Final[tuple[Entry, ...]] = (
    *chinese_filler.ENTRIES,
    *chinese_numbers.ENTRIES,
    *chinese_rules.ENTRIES,
    *chinese_study.ENTRIES,
    *chinese_time.ENTRIES,
    *chinese_trade.ENTRIES,
    *english_filler.ENTRIES,
    *english_numbers.ENTRIES,
    *english_rules.ENTRIES,
    *english_study.ENTRIES,
    *english_time.ENTRIES,
    *english_trade.ENTRIES,
)
