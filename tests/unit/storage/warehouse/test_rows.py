"""What a row is said to hold is what its table holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from storage.warehouse.rows import WHOLE_ROWS
from storage.warehouse.schema import TABLES, Kind

BY_NAME = {table.name: table for table in TABLES}
KINDS = {
    Kind.TEXT: "str", Kind.WORD: "str", Kind.COUNT: "int", Kind.FLOAT: "float",
    Kind.TIME: "datetime", Kind.FLAG: "bool",
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_ROWS)
def test_each_column_is_there_with_its_type(name):
    said = WHOLE_ROWS[name].__annotations__
    columns = BY_NAME[name].columns
    assert set(said) == {column.name for column in columns}
    for column in columns:
        if column.kind in KINDS:
            kind = KINDS[column.kind] + (" | None" if column.nullable else "")
            assert said[column.name].__forward_arg__ == kind, column.name


ROOT = Path(__file__).parents[4]
ASKS = re.compile(r"\bSELECT\b.+\bFROM\b", re.DOTALL)
SHOWN = {"agent/cli/sql.py"}
"""Where a query stands as an example of what a person may type."""


def test_only_the_storage_speaks_sql():
    found = []
    for room in ("agent", "tasks", "gate", "taskspecs", "configs"):
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            if any(isinstance(text.value, str) and ASKS.search(text.value) for text in texts):
                found.append(str(path.relative_to(ROOT)))
    assert set(found) == SHOWN
