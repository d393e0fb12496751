"""The page of outputs: every file that a run leaves, from the catalogue.

Write it anew with ``python -m scripts.docs.outputs``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tasks.dag.outputs import OUTPUTS, Column, Kind, Output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "outputs.md"

HEAD = """# What a run leaves behind

Each stage commits its files under a key; the report's page, `qraft sql`, the warehouse and
explanations read them. This page is made from `tasks/dag/outputs.py`.
"""
WORDS = {
    Kind.TEXT: "text", Kind.COUNT: "whole number", Kind.NUMBER: "number (64 bits)",
    Kind.FEATURE: "number (32 bits)", Kind.YEAR: "whole number (32 bits)",
    Kind.TIME: "time, UTC, microseconds", Kind.SCORES: "list of field and score",
}  # fmt: skip


def write_outputs() -> str:
    """Write what each stage leaves, and the columns of each table."""
    rows = [
        (
            output.stage, f"`{output.file}`", f"`{output.name}`" if output.columns else "",
            output.meaning, f"`{output.table}`" if output.table else "",
        )
        for output in OUTPUTS
    ]  # fmt: skip
    heads = ("stage", "file", "name in `qraft sql`", "what it is", "table of the warehouse")
    tables = [_columns(output) for output in OUTPUTS if output.columns]
    return "\n".join(
        [
            HEAD,
            _table(heads, rows),
            *tables,
        ]
    )


def _columns(output: Output) -> str:
    rows = [(f"`{column.name}`", _kind(column)) for column in output.columns]
    if output.features:
        rows.append(("each feature", WORDS[Kind.FEATURE]))
    named = ", ".join(f"`{name}`" for name in output.key)
    return f"## {output.name}\n\nA row is named by {named}.\n\n" + _table(("column", "type"), rows)


def _kind(column: Column) -> str:
    return WORDS[column.kind] + (", where the source has it" if column.optional else "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_outputs(), encoding="utf-8")
