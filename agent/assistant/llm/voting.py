"""Several models' plans brought to one, field by field; what they do not agree on is a question."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from agent.assistant.grammar.drafts.document import get, put, to_yaml
from agent.assistant.grammar.questions import ask
from configs.errors import BadInput
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.llm.proposal import Proposal


def vote(proposals: Sequence[Proposal], prompt: str) -> tuple[Plain, list[Question]]:
    """Take each field as most models have it, the first model's where there is no majority.

    Returns
    -------
    The plan, and a question for each field on which they differ.
    """
    plains = [proposal.spec.model_dump(mode="json") for proposal in proposals]
    document: Plain = json.loads(json.dumps(proposals[0].document))
    questions = []
    for field in dict.fromkeys(field for plain in plains for field in _fields(plain)):
        values = [json.dumps(get(plain, field), sort_keys=True) for plain in plains]
        if len(set(values)) == 1:
            continue
        told = "; ".join(f"{p.model}: {_brief(v)}" for p, v in zip(proposals, values, strict=True))
        questions.append(ask("models_differ", prompt, key=field, a=told))
        winner, count = Counter(values).most_common(1)[0]
        if count * 2 > len(values):
            put(document, field, json.loads(winner))
    try:
        parse(to_yaml(document))
    except BadInput:
        return proposals[0].document, questions
    return document, questions


def _fields(plain: Plain) -> list[str]:
    """Name the fields that are voted on: those of each section, or the section itself."""
    fields = []
    for section, value in plain.items():
        if section in {"name", "description", "gate"}:
            continue
        nested = isinstance(value, dict)
        fields += [f"{section}.{name}" for name in value] if nested else [section]
    return fields


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
