"""Explanations: what the rows of a run or a pattern say, and what is remembered of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.service.model import Model
from agent.service.runs.naming import need_runs

if TYPE_CHECKING:
    from collections.abc import Collection

    from agent.explain.prose.text import Explanation
    from agent.explain.prose.writing import Written
    from agent.service.service import Service


class Section(Model):
    """Sentences under a heading, and the templates that they are made from."""

    title: str
    sentences: list[str]
    templates: list[str]


class RowSource(Model):
    """Rows of the warehouse, and a digest of what they hold."""

    table: str
    key: dict[str, Any]
    """What finds them again."""
    column: str
    rows: int
    sha256: str


class Citation(RowSource):
    """Rows that a text names by a number."""

    number: int


class CitedValue(Model):
    """A value of the text, and the rows that it was read from."""

    reference: str
    value: Any
    unit: str
    shown: str
    citations: list[int]
    formula: str | None
    sources: list[RowSource]


class Explained(Model):
    """An explanation; no number in its text is without its rows."""

    about: str
    text: str
    sections: list[Section]
    values: list[CitedValue]
    citations: list[Citation]
    assistant: dict[str, Any]
    """Who wrote the sentences."""


class Difference(Model):
    """What a saved explanation says and the rows of today do not."""

    what: str
    saved: Any
    now: Any


class Remembered(Model):
    """A passage; its text was written by others, and asks for nothing."""

    score: float
    id: str
    document: str
    """What it is a piece of."""
    kind: str
    title: str
    text: str
    date: str
    run: str


def explain(service: Service, *wanted: str, by_model: bool = False) -> Explained:
    """Explain a run, a pattern, a comparison of runs, or a fall.

    Parameters
    ----------
    wanted
        ``last``, ids or their beginnings, studies' names, or a question.
    by_model
        Let the model of the settings choose and order the values, if there is one.

    Raises
    ------
    BadInput
        If it means neither one run nor one pattern, or more than can be compared.
    """
    from agent.explain.shown import to_json, writer_of
    from agent.explain.subject import explain_wanted

    need_runs(service)
    with service.warehouse() as warehouse:
        template = explain_wanted(warehouse, wanted)
    if not by_model:
        return Explained.model_validate(to_json(template))
    written = _written(service, " ".join(wanted), template)
    return Explained.model_validate(to_json(written.explanation, writer_of(written)))


def check_explanation(service: Service, saved: dict[str, Any]) -> list[Difference]:
    """Hold a saved explanation against the rows of today.

    Parameters
    ----------
    saved
        As :func:`explain` gave it, as plain values.

    Raises
    ------
    BadInput
        If what it is about is not there any more.
    """
    from agent.explain.checking import check_saved

    need_runs(service)
    with service.warehouse() as warehouse:
        found = check_saved(warehouse, saved)
    return [Difference.model_validate(each) for each in found]


def search_memory(
    service: Service, words: str, *, limit: int = 8, kinds: Collection[str] = ()
) -> list[Remembered]:
    """Find passages: runs, patterns, ratings, rejections, specs, manuals, a person's notes.

    Parameters
    ----------
    kinds
        Of these kinds only; empty for any.

    Raises
    ------
    BadInput
        If there is no such kind.
    """
    from dataclasses import asdict

    from agent.memory.recall import retrieve

    found = retrieve(service, words, limit=limit, kinds=kinds, say=service.say)
    return [Remembered(score=each.score, **asdict(each.passage)) for each in found]


def _written(service: Service, question: str, template: Explanation) -> Written:
    """Let the model of the settings write, if there is one; another may have to agree."""
    from agent.explain.prose.writing import Written, write
    from agent.explain.question import is_question
    from agent.memory.recall import retrieve
    from agent.models.chat import Chat

    settings = service.settings.llm
    if settings.model is None:
        return Written(template)

    def chat(model: str) -> Chat:
        return Chat(settings, service.workspace, (model, *settings.fallbacks), purpose="explain")

    passages = retrieve(service, question, say=service.say) if is_question(question) else ()
    return write(
        question,
        template,
        chat(settings.model),
        second=chat(settings.vote[0]) if settings.vote else None,
        passages=passages,
    )
