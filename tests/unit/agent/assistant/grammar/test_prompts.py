"""Prompts in two languages, with what each must come to: exactly, and with nothing dropped."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.assistant.grammar.plan import plan
from agent.assistant.grammar.questions import is_chinese
from taskspecs.load import parse

TODAY = date(2026, 11, 20)
CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("prompts.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["prompt"] for case in CASES])
def test_prompt_comes_to_this(case: dict[str, Any]) -> None:
    draft = plan(case["prompt"], TODAY)
    assert draft.base.name == case["study"]
    assert {change.key: change.after for change in draft.changes} == case["changes"]
    assert [question.about for question in draft.questions] == case["open"]


@pytest.mark.parametrize("case", CASES, ids=[case["prompt"] for case in CASES])
def test_question_is_in_the_language_of_the_prompt(case: dict[str, Any]) -> None:
    for question in plan(case["prompt"], TODAY).questions:
        quoted = question.text
        for start, end in question.spans:
            quoted = quoted.replace(case["prompt"][start:end], "")
        assert is_chinese(quoted) == is_chinese(case["prompt"])


def test_both_languages_are_covered() -> None:
    chinese = sum(is_chinese(case["prompt"]) for case in CASES)
    assert chinese >= 40
    assert len(CASES) - chinese >= 40


def test_draft_round_trips_through_yaml() -> None:
    from agent.assistant.grammar.drafts.document import to_yaml
    from agent.assistant.grammar.drafts.shown import to_file

    for case in CASES:
        draft = plan(case["prompt"], TODAY)
        assert parse(to_yaml(draft.document)) == draft.spec
        assert parse(to_file(draft)) == draft.spec


def test_saying_the_default_is_the_shipped_study_itself() -> None:
    """Then the run is the same run, found done."""
    from taskspecs.catalogue import find
    from taskspecs.load import load

    shipped, _ = load(find("us_momentum"))
    assert plan("120-day momentum, hold the best two, 1 million dollars", TODAY).spec == shipped


def test_equal_variants_are_one_study_whatever_the_words() -> None:
    one = plan("60-day momentum since 2008, weekly", TODAY).spec
    other = plan("自2008年以来，每周调仓，60日动量", TODAY).spec
    assert one == other
