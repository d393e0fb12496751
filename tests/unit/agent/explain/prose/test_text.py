"""No text can say a number that no row holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import agent.explain
from agent.explain.book import Book
from agent.explain.prose.text import FreeNumber, Section, UnknownReference, explain
from agent.explain.rows import Row

ROW = Row("metrics", {"run_id": "r", "name": "sharpe", "value": 0.5, "unit": "ratio"})
OTHER = Row("metrics", {"run_id": "r", "name": "annual_return", "value": -0.1, "unit": "fraction"})


@pytest.fixture
def book() -> Book:
    made = Book(zone="UTC", frequency="day")
    made.read("run.sharpe", ROW, "value", "ratio")
    made.read("run.annual_return", OTHER, "value", "fraction")
    return made


def told(book: Book, *sentences: str) -> str:
    return " ".join(explain("x", (Section("t", sentences),), book).sections[0].sentences)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Sharpe ratio is 0.5.",
        "It doubled: {{run.sharpe}}.",
        "About fifty percent.",
        "It rose by ５.",
        "{{run.sharpe}} in 2008",
        "夏普比率是二。",
        "Nearly zero.",
        "A half of it.",
    ],
)
def test_free_numbers_are_refused(book: Book, sentence: str) -> None:
    with pytest.raises(FreeNumber):
        told(book, sentence)


@pytest.mark.parametrize("sentence", ["{{run.sharp}}", "{{other.sharpe}}", "{{run}}"])
def test_unknown_references_are_refused(book: Book, sentence: str) -> None:
    with pytest.raises(UnknownReference):
        told(book, sentence)


def test_values_are_filled_with_unit_and_citation(book: Book) -> None:
    assert told(book, "{{run.sharpe}} and {{run.annual_return}}, {{run.sharpe}}.") == (
        "0.50 [1] and −10.0% [2], 0.50 [1]."
    )


def test_neighbours_that_cite_the_same_row_show_it_once(book: Book) -> None:
    assert told(book, "{{run.sharpe}}, {{run.sharpe}}.") == "0.50, 0.50 [1]."


def test_two_rows_of_equal_content_have_equal_digests() -> None:
    again = Row("metrics", dict(reversed(list(ROW.content.items()))))
    assert again.sha256 == ROW.sha256
    assert Row("metrics", {**ROW.content, "value": 0.5000001}).sha256 != ROW.sha256


def test_no_sentence_of_ours_holds_a_number() -> None:
    """The check runs when a sentence is used; this finds the ones that are used seldom."""
    folder = Path(agent.explain.__path__[0])
    from agent.explain.pattern import CONFIDENCE, MARKET, STATES
    from agent.explain.prose.text import DIGIT, NUMBER_WORDS, REFERENCE

    texts = [CONFIDENCE, *(row[1] for row in MARKET), *sum(STATES.values(), ())]
    for path in [*folder.glob("chapters/*.py"), folder / "pattern.py"]:
        strings = re.findall(r'"((?:[^"\\]|\\.)*\{\{(?:[^"\\]|\\.)*)"', path.read_text())
        texts += [re.sub(r"\{\{\{\{.*?\}\}\}\}", "", text) for text in strings]
    assert len(texts) > 40
    for text in texts:
        outside = REFERENCE.sub("", text)
        assert not DIGIT.search(outside), text
        assert not NUMBER_WORDS.search(outside), text
