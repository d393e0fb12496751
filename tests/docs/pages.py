"""The pages that people write, and what is shown on them to be done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
README = REPOSITORY / "README.md"
TUTORIAL = sorted((DOCS / "tutorial").glob("[0-9]-*.md"))
FOLLOWED = [
    README, *TUTORIAL, DOCS / "tutorial" / "tour.md", DOCS / "how-to" / "sql.md",
    DOCS / "how-to" / "approvals.md",
]  # fmt: skip
"""Whose commands are run, one after the other, in one folder."""
WRITTEN = [README, *sorted(DOCS.rglob("*.md"))]
"""All pages that are not made from the code."""

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', flags=re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A part of a page that is set as code."""

    language: str
    title: str
    text: str


class Step(NamedTuple):
    """What a reader does: a command, one with answers at a terminal, or a file that is written."""

    page: str
    kind: str
    what: str
    text: str = ""


def blocks(page: Path, language: str | None = None) -> list[Block]:
    found = [Block(*match.groups(default="")) for match in _BLOCK.finditer(page.read_text("utf-8"))]
    return [block for block in found if language in {None, block.language}]


def steps(page: Path) -> list[Step]:
    """Return what a page lets its reader do, from the top to the bottom."""
    found = []
    for language, title, text in blocks(page):
        if title:
            found.append(Step(page.name, "file", title, text))
        elif language in {"sh", "console"}:
            found += [
                Step(page.name, language, line.partition(" #")[0].strip().removeprefix("$ "))
                for line in text.splitlines()
                if line.removeprefix("$ ").startswith("qraft ")
            ]
    return found
