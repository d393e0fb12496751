"""A draft as JSON for programs and as YAML to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.assistant.grammar.drafts.document import to_yaml

if TYPE_CHECKING:
    from agent.assistant.grammar.drafts.draft import Draft


def to_json(draft: Draft) -> dict[str, Any]:
    """Return a draft as plain values: spec, slots, questions, citations, assistant and changes."""
    return {
        "prompt": draft.prompt,
        "base": draft.base._asdict(),
        "spec": draft.document,
        "slots": [slot._asdict() for slot in draft.slots],
        "questions": [
            {"text": question.text, "about": question.about} for question in draft.questions
        ],
        "citations": [citation._asdict() for citation in draft.citations],
        "changes": [change._asdict() for change in draft.changes],
        "assistant": dict(draft.assistant),
    }


def to_file(draft: Draft) -> str:
    """Return a draft as a YAML file that says where it is from and what is still open."""
    lines = [
        f"asked: {draft.prompt}",
        f"from: {draft.base.name}, by {draft.assistant['model'] or 'the template assistant'}",
    ]
    lines += [f"open: {question.text}" for question in draft.questions]
    comments = "".join(f"# {' '.join(line.split())}\n" for line in lines)
    return comments + to_yaml(draft.document)
