"""What makes pages from the code: notebooks, models, commands."""

from __future__ import annotations

from typing import Annotated, Literal

import click
import pytest
from pydantic import Field

from configs.section import Section
from scripts.docs import commands, schemas
from scripts.docs.notebooks import Cell, read_cells, write_notebook

NOTEBOOK = """# %% [markdown]
# # Sums
#
# One and one.
# %%
from pathlib import Path

x = 1 + 1
print(x)
# %% a name
Path("beside.txt").read_text()
"""


class Inner(Section):
    """What is inside."""

    size_bars: Annotated[int, Field(ge=1)] = 5
    """How many | bars."""


class Outer(Section):
    """A document."""

    kind: Literal["a", "b"]
    inner: Inner = Inner()
    names: tuple[str, ...] = ()
    """Any."""


def test_cells_are_text_or_code():
    first, *code = read_cells(NOTEBOOK)
    assert first == Cell(True, "# Sums\n\nOne and one.")
    assert [cell.is_text for cell in code] == [False, False]


def test_a_notebook_shows_what_it_printed_and_its_last_value(tmp_path):
    (tmp_path / "sums.py").write_text(NOTEBOOK)
    (tmp_path / "beside.txt").write_text("read in the workspace")
    page = write_notebook(tmp_path / "sums.py", tmp_path)
    assert "```text\n2\n```" in page
    assert "```text\nread in the workspace\n```" in page
    assert "```text" not in write_notebook(tmp_path / "sums.py", None)


def test_a_cell_that_fails_is_named_and_the_folder_is_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sums.py").write_text("# %%\n1 / 0\n")
    (tmp_path / "work").mkdir()
    with pytest.raises(ZeroDivisionError) as failed:
        write_notebook(tmp_path / "sums.py", tmp_path / "work")
    assert failed.traceback[-1].frame.code.raw.co_filename == "sums.py, cell 0"
    assert (tmp_path / "sums.py").samefile("sums.py")


def test_keys_are_told_with_what_they_take_and_mean():
    page = schemas.write_schema(Outer, "Outer", "A page.").splitlines()
    assert "| `kind` | `a`, `b` | needed |  |" in page
    assert "| `inner` | [Inner](#inner) |  | What is inside. |" in page
    assert "| `names` | list of: text |  | Any. |" in page
    assert "| `size_bars` | integer, ≥ 1 | `5` | How many \\| bars. |" in page


def test_a_command_is_told_with_its_options():
    @click.command()
    @click.option("--to", type=click.Choice(["paper", "live"]), help="Where | to.")
    @click.option("--secret", hidden=True)
    def move(to: str, secret: str) -> None:
        """Move it.

        \b
        Example: move --to paper
        """

    page = "\n".join(commands._parts(move, "qraft move", 3))
    assert "| `--to [paper\\|live]` | Where \\| to. |" in page
    assert "--secret" not in page
    assert "Example: move --to paper" in page
