"""The questions that the assistant can ask, in the languages that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.drafts.draft import Question
from agent.assistant.grammar.question_texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

Span = tuple[int, int]

COUNTED: Final[Mapping[str, str]] = {
    "bar": "个交易日",
    "day": "天",
    "week": "周",
    "month": "个月",
    "quarter": "个季度",
    "year": "年",
    "hour": "小时",
    "minute": "分钟",
}
"""Units in Chinese, as they follow a number."""


def is_chinese(prompt: str) -> bool:
    """Whether a prompt is to be answered in Chinese: any Chinese character makes it so."""
    return any("\u3400" <= character <= "\u9fff" for character in prompt)


def ask(about: str, prompt: str, *spans: Span, **values: object) -> Question:
    """Word a question in the language of the prompt.

    Parameters
    ----------
    about
        A row of the table.
    spans
        The words of the prompt that it is about.
    values
        What the row's text names beside ``words``.
    """
    chinese = is_chinese(prompt)
    quotes = ("”、“" if chinese else '" and "').join(prompt[start:end] for start, end in spans)
    text = TEXTS[about][chinese].format(words=quotes, **values)
    return Question(text, ", ".join(prompt[start:end] for start, end in spans), spans)
