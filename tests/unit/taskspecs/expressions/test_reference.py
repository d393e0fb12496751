from pathlib import Path

import pytest

import taskspecs.expressions
from taskspecs.expressions import Call, parse
from taskspecs.expressions.nodes import walk
from taskspecs.expressions.operators import FOREIGN, OPERATORS
from taskspecs.expressions.reference import write_reference

KNOWN = [operator for operator in OPERATORS.values() if not operator.refused]


def test_the_reference_is_the_table() -> None:
    """Where it is not, write `write_reference()` into the file."""
    page = Path(taskspecs.expressions.__file__).with_name("README.md")
    assert page.read_text(encoding="utf-8") == write_reference()


@pytest.mark.parametrize("operator", KNOWN, ids=lambda operator: operator.name)
def test_every_operator_has_an_example_that_uses_it(operator) -> None:
    tree = parse(operator.example)
    used = {part.operator for part in walk(tree) if isinstance(part, Call)}
    assert operator.name in used


def test_every_foreign_name_leads_home() -> None:
    assert set(FOREIGN.values()) <= {operator.name for operator in KNOWN}


def test_qlibs_operators_are_all_known() -> None:
    from qlib.data.ops import OpsList
    from qlib.data.pit import P, PRef

    assert {operator.__name__ for operator in [*OpsList, P, PRef]} <= set(OPERATORS)
