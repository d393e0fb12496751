"""Lexemes: what the grammar reads, from a single word up to a slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A part of a prompt that means something of one kind.

    Attributes
    ----------
    kind
        What the patterns of the grammar name.
    value
        What it means; its type follows from the kind.
    start, end
        Where it stands in the prompt.
    glued
        Whether no space parts it from what stands before.
    """

    kind: str
    value: Any
    start: int
    end: int
    glued: bool = False


class Number(NamedTuple):
    """The value of a lexeme of kind ``NUM``."""

    value: float
    digits: str = ""
    """As written, where it was written as digits alone."""
    scaled: bool = False
    """Whether it was written with thousands, millions and their like."""

    @property
    def whole(self) -> int | None:
        """The value as a whole number, if it is one; ``08`` is not: it is a year or a month."""
        leading = len(self.digits) > 1 and self.digits.startswith("0")
        return int(self.value) if self.value == int(self.value) and not leading else None

    @property
    def year(self) -> int | None:
        """The year that it may be."""
        plausible = len(self.digits) == 4 and 1900 <= self.value <= 2100
        return int(self.value) if plausible else None


class Fill(NamedTuple):
    """One thing a prompt says about the TaskSpec."""

    key: str
    value: Any
    note: str = ""
    """The convention by which the words became the value."""


class Ask(NamedTuple):
    """Something that only the person can say: a row of the table of questions, and its values."""

    about: str
    values: dict[str, Any]
