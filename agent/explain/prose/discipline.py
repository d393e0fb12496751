"""What a model may write: references, and words that carry no fact. Pure.

Around a reference stand only words of the vocabulary, and right before it its own whole name: a
sentence cannot call one figure by the name of another, turn its sign, change its unit or give it to
another run. Comparisons are asked for (``{{a vs b}}``) and written by code.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from agent.explain.prose.naming import name_of
from agent.explain.prose.text import check
from agent.explain.prose.vocabulary import CHINESE, ENGLISH, MARKS
from configs.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from agent.explain.book import Value

_PATH = r"[a-zA-Z][\w.\[\]]*"
MENTION: Final = re.compile(rf"\{{\{{\s*({_PATH})(?:\s+vs\s+({_PATH}))?\s*\}}\}}")
"""A reference, or a comparison of two."""
_WORD = re.compile(r"[A-Za-z]+")
_HAN = re.compile(r"[㐀-鿿]+")
FILLERS: Final = (" is", " was", "为", "是")
"""What may stand between a name and its value."""
FULL_WIDTH: Final = str.maketrans(",;:", "，；：")
"""Marks as they are written in Chinese."""
LONGEST: Final = 600
"""Characters of a sentence."""


class Undisciplined(Failed):
    """A sentence says more than references and words that carry no fact."""


def expand(sentence: str, values: Mapping[str, Value]) -> str:
    """Return a model's sentence with the name of each value before it, comparisons written out.

    Parameters
    ----------
    sentence
        With references, as ``{{run.sharpe}}``, and comparisons, as
        ``{{run.annual_return vs run.benchmark_annual_return}}``.
    values
        By reference: all that may be referred to.

    Returns
    -------
    str
        A text with references only, to be filled by :func:`agent.explain.prose.text.explain`.

    Raises
    ------
    Undisciplined
        It names the first word or mark that may not be written.
    FreeNumber, UnknownReference
        As :func:`agent.explain.prose.text.check`.
    """
    sentence = unicodedata.normalize("NFKC", sentence).strip()
    chinese = bool(_HAN.search(sentence))
    if chinese:
        sentence = sentence.translate(FULL_WIDTH)
    if len(sentence) > LONGEST:
        raise Undisciplined(f"a sentence has more than {LONGEST} characters")
    mentions = list(MENTION.finditer(sentence))
    if not mentions:
        raise Undisciplined(f"a sentence refers to no value: {sentence}")
    check(MENTION.sub(_references, sentence), values)
    written, place = "", 0
    for mention in mentions:
        before = sentence[place : mention.start()]
        first, second = mention.groups()
        unnamed = _unnamed(before, first)
        _refuse_facts(before if unnamed is None else unnamed, sentence)
        written += before + (f"{{{{{first}}}}}" if unnamed is not None else _named(first, chinese))
        if second is not None:
            written += f", {_relation(values, first, second, chinese)}"
        place = mention.end()
    rest = sentence[place:]
    _refuse_facts(rest, sentence)
    return written + rest


def _references(mention: re.Match[str]) -> str:
    return " ".join(f"{{{{{reference}}}}}" for reference in mention.groups() if reference)


def _named(reference: str, chinese: bool) -> str:
    name = name_of(reference)
    return f"{name.chinese if chinese else name.english} {{{{{reference}}}}}"


def _unnamed(before: str, reference: str) -> str | None:
    """Return what stands before a value's name, where its name, whole, leads to the reference."""
    said = before.rstrip(" :：")
    for filler in FILLERS:
        said = said.removesuffix(filler).rstrip()
    for name in name_of(reference):
        if "{{" not in name and said.casefold().endswith(name.casefold()):
            return said[: len(said) - len(name)]
    return None


def _relation(values: Mapping[str, Value], first: str, second: str, chinese: bool) -> str:
    """Say how two values of one unit compare."""
    one, other = values[first], values[second]
    numbers = [
        each.value
        for each in (one, other)
        if isinstance(each.value, int | float) and not isinstance(each.value, bool)
    ]
    if one.unit != other.unit or len(numbers) < 2:
        raise Undisciplined(f"`{first}` and `{second}` cannot be compared")
    place = (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    words = ("等于", "高于", "低于") if chinese else ("equal to", "above", "below")
    return f"{words[place]} {_named(second, chinese)}"


def _refuse_facts(segment: str, sentence: str) -> None:
    """Refuse a segment that holds anything but the vocabulary."""
    for refused in _foreign(segment):
        raise Undisciplined(
            f"`{refused}` may not be written by a model: {sentence}",
            hint="of the words that may, and the whole name of a value right before it",
        )


def _foreign(segment: str) -> Iterator[str]:
    yield from (word for word in _WORD.findall(segment) if word.casefold() not in ENGLISH)
    yield from (run for run in _HAN.findall(segment) if not _composed(run, CHINESE))
    left = _HAN.sub("", _WORD.sub("", segment))
    yield from (mark for mark in left if mark not in MARKS)


def _composed(run: str, words: Collection[str]) -> bool:
    """Whether a run of Chinese consists of words of a list, end to end."""
    reached = {0}
    for place in range(1, len(run) + 1):
        if any(run[start:place] in words for start in reached):
            reached.add(place)
    return len(run) in reached
