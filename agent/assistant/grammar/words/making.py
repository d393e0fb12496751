"""What rules make of what they matched: slots, questions, or nothing but a claim on the span."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.assistant.grammar.words.grammar import Made
from agent.assistant.grammar.words.lexeme import Ask, Fill, Lexeme

Matched = Mapping[str, Lexeme]
Make = Callable[[Matched], Made | None]


def slot(*fills: Fill) -> Made:
    """Claim a span for some slots."""
    return Made("SLOT", fills)


def claim(_: Matched) -> Made:
    """Claim a span that repeats what is the case anyhow."""
    return slot()


def unused(_: Matched) -> Made:
    """Keep a span from being read as something that it is not."""
    return Made("UNUSED", None)


def said(key: str, value: Any, note: str = "") -> Make:
    """Return a maker of one fixed fill."""
    return lambda _: slot(Fill(key, value, note))


def counted(key: str) -> Make:
    """Return a maker that fills the whole number named ``n``."""
    return lambda m: slot(Fill(key, m["n"].value.whole))


def valued(key: str) -> Make:
    """Return a maker that fills the value of the lexeme named ``v``."""
    return lambda m: slot(Fill(key, m["v"].value))


def asks(about: str) -> Make:
    """Return a maker of a question."""
    return lambda _: Made("ASK", Ask(about, {}))
