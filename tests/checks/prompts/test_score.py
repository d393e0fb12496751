"""How well the template assistant reads prompts: exactly right, or at least never wrong in silence.

A case says what a person would expect of it; one that is not read exactly stays in, and counts.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.assistant.grammar.plan import plan
from agent.assistant.grammar.questions import is_chinese

TODAY = date(2026, 11, 20)
SETS = ("english", "chinese", "english_second", "chinese_second")
LANGUAGES = SETS[:2]
LEAST_EXACT = 0.8


def cases(language: str) -> list[dict[str, Any]]:
    path = Path(__file__).with_name(f"{language}.yaml")
    read: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


@cache
def comes_to(prompt: str) -> tuple[str, dict[str, Any], list[str]]:
    """The study, what differs from it as it ships, and the words that are asked about."""
    draft = plan(prompt, TODAY)
    changes = {change.key: change.after for change in draft.changes}
    return draft.base.name, changes, [question.about for question in draft.questions]


def expected(case: dict[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
    return case["study"], case["changes"], case["open"]


@pytest.mark.parametrize("language", SETS)
def test_score(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    every = cases(language)
    missed = [case["prompt"] for case in every if comes_to(case["prompt"]) != expected(case)]
    exact = 1 - len(missed) / len(every)
    with capsys.disabled():
        print(f"\n{language}: {len(every) - len(missed)} of {len(every)} exact ({exact:.0%})")
        print("".join(f"  not exact: {prompt}\n" for prompt in missed), end="")
    assert exact >= LEAST_EXACT


@pytest.mark.parametrize("language", SETS)
def test_no_wrong_spec_without_a_question(language: str) -> None:
    silent = []
    for case in cases(language):
        study, changes, asked = comes_to(case["prompt"])
        if (study, changes) != expected(case)[:2] and not asked:
            silent.append(case["prompt"])
    assert silent == []


def test_there_are_enough_and_half_are_chinese() -> None:
    english, chinese = (cases(language) for language in LANGUAGES)
    assert len(english) + len(chinese) >= 60
    assert all(is_chinese(case["prompt"]) for case in chinese)
    assert not any(is_chinese(case["prompt"]) for case in english)
    assert len(chinese) >= 30
    assert len(english) >= 30
