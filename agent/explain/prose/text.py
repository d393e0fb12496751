"""Texts with references: numbers come from rows, never from the one who writes the sentence.

A text holds references only, as ``{{run.sharpe}}``; digits and number words outside of them are
refused, so that whoever writes it, a template or a model, cannot state a number that no row holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from configs.errors import Failed, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Protocol

    from agent.explain.book import Source, Value

    class Values(Protocol):
        """What a text may refer to; a book is one."""

        @property
        def values(self) -> Mapping[str, Value]:
            """By reference."""


REFERENCE: Final = re.compile(r"\{\{([a-zA-Z][\w.\[\]]*)\}\}")
DIGIT: Final = re.compile(r"\d")
NUMBER_WORDS: Final = re.compile(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|millions?|billions?|dozens?|percent|twice|thrice|half|halves"
    r"|doubled?|tripled?|quarters?|tenth|fifth)\b|[零二三四五六七八九十百千万亿两]",
    re.IGNORECASE,
)


class FreeNumber(Failed):
    """A text states a number by itself, not by a reference."""


class UnknownReference(Failed):
    """A text refers to a value that was not read."""


@dataclass(frozen=True)
class Section:
    """A heading and its sentences, with references still in them."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Citation:
    """A row, or a set of rows, that values of the text were read from."""

    number: int
    source: Source


@dataclass(frozen=True)
class Explanation:
    """A text whose every value names its row.

    Attributes
    ----------
    sections
        The sentences, filled, with the numbers of their citations.
    templates
        The same before filling.
    values
        What was filled in, by reference, in the order of the text.
    """

    about: str
    sections: tuple[Section, ...]
    templates: tuple[Section, ...]
    values: tuple[Value, ...]
    citations: tuple[Citation, ...] = field(default=())

    def numbers(self, value: Value) -> tuple[int, ...]:
        """Return the numbers of the citations of a value."""
        by_identity = {c.source.identity: c.number for c in self.citations}
        return tuple(dict.fromkeys(by_identity[s.identity] for s in value.sources))


def check(template: str, allowed: Mapping[str, Value]) -> None:
    """Refuse a text that states numbers by itself or refers to what was not read.

    Raises
    ------
    FreeNumber
        It names the digit or word.
    UnknownReference
        It names near matches.

    Examples
    --------
    >>> check("the ratio was 2", {})
    Traceback (most recent call last):
    agent.explain.prose.text.FreeNumber: a text may not state `2` by itself: the ratio was 2
    """
    outside = REFERENCE.sub("", template)
    found = DIGIT.search(outside) or NUMBER_WORDS.search(outside)
    if found:
        raise FreeNumber(f"a text may not state `{found[0]}` by itself: {template}")
    for reference in REFERENCE.findall(template):
        if reference not in allowed:
            raise UnknownReference(
                f"a text refers to `{reference}`, which was not read",
                hint=did_you_mean(reference, allowed),
            )


def explain(about: str, sections: Sequence[Section], book: Values) -> Explanation:
    """Fill the references of a text from the book, and number what they cite.

    Raises
    ------
    FreeNumber, UnknownReference
        As :func:`check`.
    """
    used: dict[str, Value] = {}
    citations: dict[tuple[str, str], Citation] = {}

    filled = []
    for section in sections:
        for sentence in section.sentences:
            check(sentence, book.values)
            used |= {name: book.values[name] for name in REFERENCE.findall(sentence)}
        sentences = tuple(_fill(sentence, book.values, citations) for sentence in section.sentences)
        filled.append(Section(section.title, sentences))
    return Explanation(
        about, tuple(filled), tuple(sections), tuple(used.values()), tuple(citations.values())
    )


def _fill(
    sentence: str, values: Mapping[str, Value], citations: dict[tuple[str, str], Citation]
) -> str:
    """Fill a sentence; of neighbours that cite the same rows, the last shows their numbers."""
    found = list(REFERENCE.finditer(sentence))
    marks = [_numbers(values[reference[1]], citations) for reference in found]
    written, place = "", 0
    for reference, mark, following in zip(found, marks, [*marks, ""][1:], strict=True):
        shown = values[reference[1]].shown
        written += sentence[place : reference.start()] + shown
        written += "" if mark == following else f" {mark}"
        place = reference.end()
    return written + sentence[place:]


def _numbers(value: Value, citations: dict[tuple[str, str], Citation]) -> str:
    """Return the marks of a value's citations, as `[3][4]`; new rows get the next number."""
    for source in value.sources:
        citations.setdefault(source.identity, Citation(len(citations) + 1, source))
    cited = dict.fromkeys(citations[source.identity].number for source in value.sources)
    return "".join(f"[{number}]" for number in cited)


def sections_of(pairs: Iterable[tuple[str, Sequence[str]]]) -> tuple[Section, ...]:
    """Return sections, without those that have nothing to say."""
    return tuple(Section(title, tuple(sentences)) for title, sentences in pairs if sentences)
