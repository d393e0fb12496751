"""Notebooks in percent format, executed in order, as pages with what they printed.

A notebook is a Python file whose cells begin with ``# %%``; text stands in cells that begin with
``# %% [markdown]``, as comments. Editors run them cell by cell, git shows their changes, and no
notebook server is needed to test them.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = re.compile(r"^# %%(?P<text> \[markdown\])?.*$", flags=re.MULTILINE)


class Cell(NamedTuple):
    """A part of a notebook."""

    is_text: bool
    source: str


def read_cells(notebook: str) -> list[Cell]:
    """Split a notebook into its cells.

    Examples
    --------
    >>> read_cells("# %% [markdown]\\n# # Title\\n# %%\\n1 + 1\\n")
    [Cell(is_text=True, source='# Title'), Cell(is_text=False, source='1 + 1')]
    """
    marks = list(_MARK.finditer(notebook))
    ends = [mark.start() for mark in marks[1:]] + [len(notebook)]
    cells = []
    for mark, end in zip(marks, ends, strict=True):
        source = notebook[mark.end() : end].strip()
        if mark["text"]:
            source = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
        cells.append(Cell(bool(mark["text"]), source))
    return cells


def write_notebook(path: Path, folder: Path | None) -> str:
    """Write a notebook as a page.

    Parameters
    ----------
    path
        The notebook.
    folder
        A workspace in which it is executed; without one the page shows no output.
    """
    names: dict[str, object] = {"__name__": "__main__"}
    parts = []
    for number, cell in enumerate(read_cells(path.read_text(encoding="utf-8"))):
        if cell.is_text:
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        if folder is not None:
            printed = _execute(cell.source, names, f"{path.name}, cell {number}", folder)
            parts += [f"```text\n{printed}\n```"] if printed else []
    return "\n\n".join(parts) + "\n"


def _execute(source: str, names: dict[str, object], where: str, folder: Path) -> str:
    """Run a cell; return what it printed, and the value of its last line where it has one."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with _standing_in(folder), contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, where, "exec"), names)  # noqa: S102 (our own pages)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), where, "eval"), names)  # noqa: S307
            if value is not None:
                print(value)
    return printed.getvalue().rstrip()


@contextlib.contextmanager
def _standing_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
