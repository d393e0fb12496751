"""What a cell of text looks like: a time, a number, words, or nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from tasks.ingest.cells.cells import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["time", "digits", "number", "word", "empty"]

_MONTH = (
    r"(?:jan|feb|f[ée]v|m[aä]r|mrz|apr|abr|avr|ma[ijyg]|jun|jui|giu|jul|lug|aug|ago|ao[uû]|sep|set|"
    r"oct|okt|ott|out|nov|d[eéi][czk])[a-zéû]*\.?"
)
_TIME = re.compile(
    rf"""(?ix)^(?:[a-z]{{3,9}},?\s+)?(?:
        \d{{3,4}}\s?[-/.年년]\s?\d{{1,2}}\s?[-/.月월]\s?\d{{1,2}}[日일]?
      | \d{{1,2}}\s?[-/.]\s?\d{{1,2}}\s?[-/.]\s?\d{{2,4}}
      | \d{{1,2}}[.\-/\s]*(?:de\s)?{_MONTH}[.\-/\s,]*(?:de\s)?\d{{2,4}}
      | {_MONTH}[.\-/\s]+\d{{1,2}}(?:st|nd|rd|th)?,?[\s\-/]+\d{{2,4}}
      | {_MONTH}[.\-/\s]+\d{{1,2}}\s+[\d:]+\s+\d{{4}}
      | \d{{4}}-?{_MONTH}-?\d{{1,2}}
      | (?:1[89]|20|21)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T\s_]?\d{{4,6}})?
    )(?:[T\s,_]+.*)?$"""
)
_DIGITS = re.compile(r"^\d{5,19}(?:\.\d+)?$")
_NUMBER = re.compile(
    r"^[^\w\s(+-]?\s*\(?[+-]?\s*[$€£¥￥₹]?\s*(?:\d[\d.,'’\s\u2009\u202f\u00a0]*|[.,]\d+)"
    r"(?:e[+-]?\d+)?\)?\s*(?:[%€$£]|[a-zа-я]{1,4}\.?|[万亿萬億千百]+)?$",
    re.IGNORECASE,
)


def kind(cell: str) -> Kind:
    """Return what a cell looks like.

    Examples
    --------
    >>> [kind(cell) for cell in ("2020-01-31", "1580428800", "1.234,5", "Close", "-")]
    ['time', 'digits', 'number', 'word', 'empty']
    """
    bare = cell.strip()
    if bare.lower() in MISSING:
        return "empty"
    if _TIME.match(bare):
        return "time"
    if _DIGITS.match(bare):
        return "digits"
    return "number" if _NUMBER.match(bare) else "word"


def time_column(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which column of rows holds times; of dates the first, else of rising digits.

    Parameters
    ----------
    rows
        Rows of data and perhaps a few others.

    Examples
    --------
    >>> time_column([["A", "2020-01-02", "1"], ["A", "2020-01-03", "2"]])
    1
    """
    if not rows:
        return None
    width = max(map(len, rows))
    kinds = [[kind(row[at]) if at < len(row) else "empty" for row in rows] for at in range(width)]
    for at in range(width):
        if _share(kinds[at], {"time"}) > 0.6:
            return at
    for at in range(width):
        if _share(kinds[at], {"digits", "time"}) > 0.6 and _runs(rows, at):
            return at
    return None


def _share(kinds: Sequence[Kind], wanted: set[str]) -> float:
    said = [each for each in kinds if each != "empty"]
    return sum(each in wanted for each in said) / len(said) if said else 0.0


def _runs(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether the digits of a column mostly rise, or mostly fall, and can be times."""
    said = [float(row[at]) for row in rows if at < len(row) and _DIGITS.match(row[at].strip())]
    steps = [b - a for a, b in pairwise(said)]
    usual = sum(step >= 0 for step in steps), sum(step <= 0 for step in steps)
    lengths = {len(str(int(each))) for each in said}
    return max(usual) >= 0.8 * len(steps) and lengths <= {5, 6, 8, 9, 10, 12, 13, 14, 16, 18, 19}
