"""What computes says so: parameters, result, errors, and how far ahead a row looks.

A function computes if it is public and its signature has a frame, a series or an array. Kernels are
no exception: their contract stands once.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = (
    "tasks/features", "tasks/resampling", "tasks/aggregation", "tasks/signal", "tasks/detection",
    "tasks/backtest", "gate/statistics",
)  # fmt: skip
KERNELS = ("tasks/features/kernels", "tasks/detection/anomaly/forest_kernel.py")
"""Their functions take the same arrays; what these are stands once, above them."""
FRAMES = re.compile(r"Frame|Series|ndarray|NDArray|Floats|Flags|Ints\b")


def computing(room: str) -> Iterator[ast.FunctionDef]:
    for path in sorted((REPOSITORY / room).rglob("*.py")):
        if any(path.is_relative_to(REPOSITORY / kernels) for kernels in KERNELS):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                signature = ast.unparse(node.args) + ast.unparse(node.returns or node.args)
                yield from [node] if FRAMES.search(signature) else []


def lacks(function: ast.FunctionDef) -> list[str]:
    """Name the sections that a docstring in numpy's form should have and has not."""
    text = ast.get_docstring(function) or ""
    given = function.args
    takes = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    gives = not (isinstance(function.returns, ast.Constant) and function.returns.value is None)
    asked = {
        "Parameters": bool(takes),
        "Returns|Yields": gives,
        "Raises": any(isinstance(node, ast.Raise) and node.exc for node in _own(function)),
        "Notes": True,
    }
    missing = [name for name, needed in asked.items() if needed and not _has(text, name)]
    if "Notes" not in missing and "Look-ahead: " not in text.partition("\nNotes\n")[2]:
        missing.append("Notes")
    undescribed = [argument.arg for argument in takes if not _describes(text, argument.arg)]
    if "Parameters" not in missing and undescribed:
        missing.append("Parameters")
    return sorted(name.partition("|")[0] for name in missing)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what a function does itself, not what functions in it do."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _own(child)


def _has(text: str, section: str) -> bool:
    return bool(re.search(rf"^({section})\n-{{4,}}$", text, flags=re.MULTILINE))


def _describes(text: str, name: str) -> bool:
    heads = re.findall(r"^([\w*, ]+?)(?: : .*)?$", text, flags=re.MULTILINE)
    return any(name in re.split(r",\s*", head.replace("*", "")) for head in heads)


def found(room: str) -> list[str]:
    lacking = ((function.name, lacks(function)) for function in computing(room))
    return sorted(f"{room} {name}: {', '.join(missing)}" for name, missing in lacking if missing)


@pytest.mark.parametrize("room", ROOMS)
def test_what_computes_is_documented(room):
    assert len(list(computing(room))) >= 5
    assert found(room) == []


@pytest.mark.parametrize("kernels", KERNELS)
def test_the_contract_of_the_kernels_stands_once(kernels):
    path = REPOSITORY / kernels
    source = (path / "__init__.py" if path.is_dir() else path).read_text("utf-8")
    assert "Look-ahead: " in (ast.get_docstring(ast.parse(source)) or "")


def test_what_is_missing_would_be_seen():
    source = '''
def total(frame: pl.DataFrame, by: str) -> pl.Series:
    """Sum up.

    Parameters
    ----------
    frame
        Rows.

    Notes
    -----
    Look-ahead: none.
    """
    if not by:
        raise ValueError(by)
'''
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert lacks(function) == ["Parameters", "Raises", "Returns"]
