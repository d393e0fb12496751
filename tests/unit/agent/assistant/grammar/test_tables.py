"""The assistant's tables against what they speak of."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from agent.assistant.grammar.drafts.answers import amend
from agent.assistant.grammar.drafts.document import DETECTOR_DEFAULTS, fill, get
from agent.assistant.grammar.drafts.draft import Question
from agent.assistant.grammar.plan import plan
from agent.assistant.grammar.question_texts import TEXTS
from agent.assistant.grammar.studies import EXPRESSIONS, STUDIES
from agent.assistant.grammar.words.lexicon import phrases
from agent.assistant.grammar.words.sources import SAMPLE
from configs.document import read_document
from tasks.ingest.origin.sources import locate
from taskspecs.catalogue import find, shipped
from taskspecs.load import load, parse


def test_no_phrase_means_two_things() -> None:
    assert len(phrases()) > 1_500


def test_source_is_as_its_file_says() -> None:
    path: Path = locate(load(find("us_momentum"))[0].data, Path())
    rows = [
        line.split(",")[:2] for line in gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
    ]
    first: dict[str, str] = {}
    for symbol, day in sorted(rows):
        first.setdefault(symbol, day)
    assert {row.symbol: str(row.first) for row in SAMPLE.listed} == first
    assert str(SAMPLE.last) == max(day for _, day in rows)
    assert SAMPLE.first == min(row.first for row in SAMPLE.listed)


@pytest.mark.parametrize("study", STUDIES, ids=[study.name for study in STUDIES])
def test_study_is_shipped_and_its_windows_can_be_turned(study) -> None:
    assert study.name in shipped()
    spec, document = load(find(study.name))
    assert spec.signal.expression == f"${study.feature}"
    for name, text in spec.features.define.items():
        before, _, after = EXPRESSIONS[name].partition("{n}")
        assert text.removeprefix(before).removesuffix(after).isdigit()
    assert spec.description
    assert dict(document.value) == fill(document.value, {})


def test_every_default_detector_is_valid() -> None:
    document = dict(read_document(find("us_momentum")).value)
    from agent.assistant.grammar.drafts.document import to_yaml

    document["detection"] = [dict(row) for row in DETECTOR_DEFAULTS.values()]
    assert len(parse(to_yaml(document)).detection) == len(DETECTOR_DEFAULTS)


def test_questions_name_the_same_in_both_languages() -> None:
    from string import Formatter

    for about, (english, chinese) in TEXTS.items():
        named = {part[1] for part in Formatter().parse(english) if part[1]}
        assert {part[1] for part in Formatter().parse(chinese) if part[1]} <= named, about


def test_fill_leaves_the_original_alone() -> None:
    original = dict(read_document(find("us_momentum")).value)
    filled = fill(original, {"backtest.topk": 3, "detection.drift": "off", "window.momentum": 5})
    assert get(original, "backtest.topk") == 2
    assert get(filled, "backtest.topk") == 3
    assert [row["detector"] for row in filled["detection"]] == ["half_space_trees"]


def test_an_answer_takes_the_place_of_the_words() -> None:
    asked = Question("?", "", ((0, 6), (11, 18)))
    assert amend("weekly and monthly momentum", asked, "daily") == "daily and momentum"
    assert amend("weekly and monthly momentum", asked, "") == "and momentum"


def test_today_is_what_this_year_counts_from() -> None:
    from agent.assistant.grammar.plan import plan

    draft = plan("momentum this year", date(2012, 6, 1))
    assert draft.spec.data.start == date(2012, 1, 1)


@pytest.mark.parametrize(
    "words",
    ["with SAP and BMW", "with $SAP", "with Tesla", "against the S&P 500", "trade every quarter",
     "for the last 5 years", "without AAPL", "用 SAP", "对比标普500", "按季度调仓"],
)  # fmt: skip
def test_of_a_file_no_question_speaks_of_the_sample(words: str) -> None:
    """Its symbols are not known before it is read, and none of other data are offered for them."""
    draft = plan(f"momentum on data/prices.csv, {words}", today=date(2026, 1, 1))
    assert draft.spec.data.path == "data/prices.csv"
    assert draft.questions
    for question in draft.questions:
        said = question.text.replace(words, "")
        assert "sample" not in said
        assert "样本" not in said
        assert not [symbol for symbol in SAMPLE.symbols if symbol in said and symbol not in words]
