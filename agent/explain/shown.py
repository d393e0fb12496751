"""An explanation for people, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from agent.explain.book import Value
    from agent.explain.prose.text import Explanation
    from agent.explain.prose.writing import Written

WRITER: Final[dict[str, Any]] = {
    "kind": "template",
    "model": None,
    "note": "No language model took part: the sentences are templates, the values are read "
    "from rows.",
}


def writer_of(written: Written) -> dict[str, Any]:
    """Say who wrote an explanation, and what a model wrote to the letter."""
    if written.model is None:
        note = f" A model was asked: {written.reason}." if written.reason else ""
        return {**WRITER, "note": WRITER["note"] + note}
    checked = f" {written.checked_by} agrees with each sentence." if written.checked_by else ""
    return {
        "kind": "model",
        "model": written.model,
        "note": "A model chose and ordered the values; names, values and units are read from rows."
        + checked,
        "sentences": list(written.sentences),
    }


def to_json(explanation: Explanation, writer: dict[str, Any] = WRITER) -> dict[str, Any]:
    """Return an explanation with the rows of all its values."""
    return {
        "about": explanation.about,
        "text": to_text(explanation),
        "sections": [
            {
                "title": filled.title,
                "sentences": list(filled.sentences),
                "templates": list(template.sentences),
            }
            for filled, template in zip(explanation.sections, explanation.templates, strict=True)
        ],
        "values": [_value(explanation, value) for value in explanation.values],
        "citations": [
            {"number": citation.number, **citation.source.to_json()}
            for citation in explanation.citations
        ],
        "assistant": writer,
    }


def _value(explanation: Explanation, value: Value) -> dict[str, Any]:
    return {
        "reference": value.reference,
        "value": value.value,
        "unit": value.unit,
        "shown": value.shown,
        "citations": list(explanation.numbers(value)),
        "formula": value.formula or None,
        "sources": [source.to_json() for source in value.sources],
    }


def to_text(explanation: Explanation) -> str:
    """Return the sentences under their headings."""
    return "\n\n".join(
        "\n".join((section.title, *(f"  {sentence}" for sentence in section.sentences)))
        for section in explanation.sections
    )


def sources_of(explanation: Explanation) -> list[dict[str, Any]]:
    """Return the citations as rows of a table: number, table, what finds the rows, digest."""
    return [
        {
            "cited": citation.number,
            "table": citation.source.table,
            "key": ", ".join(f"{name} {value}" for name, value in citation.source.key.items()),
            "rows": citation.source.rows,
            "sha256": citation.source.sha256[:12],
        }
        for citation in explanation.citations
    ]
