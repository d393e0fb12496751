"""A notebook as Markdown, and as a page that needs nothing else. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.research.notebook import Notebook, Part


def write_notebook(notebook: Notebook) -> str:
    """Write a notebook as Markdown; no text of it becomes markup."""
    blocks = [f"# {_cell(notebook.title)}"]
    blocks += [block for part in notebook.parts() for block in _blocks(part)]
    return "\n\n".join(blocks) + "\n"


def draw_notebook(notebook: Notebook) -> str:
    """Draw a notebook as HTML; it runs nothing and fetches nothing. Equal input, equal text."""
    from tasks.report.plot_page import render_plot

    return render_plot(
        "agent.research", None, (), (), title=notebook.title, parts=list(notebook.parts())
    )


def _blocks(part: Part) -> Iterator[str]:
    if part.heading:
        yield f"## {_cell(part.heading)}"
    if part.text:
        yield _cell(part.text)
    if part.items:
        yield "\n".join(f"- {_cell(item)}" for item in part.items)
    if part.rows:
        rows = [part.heads, ["---"] * len(part.heads), *part.rows]
        yield "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    """Keep a text within its cell, and from becoming markup."""
    kept = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return kept.replace("[", "\\[").replace("`", "\\`")
