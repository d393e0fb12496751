"""A copy of the six packages, to be changed, and the code that is asked of it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tasks.dag.code.closure import Code
from tasks.dag.code.kept import Kept
from tasks.dag.code.tree import HOME, PACKAGES, Tree
from tasks.dag.plan import RunPlan, make_plan
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KNOWN = Kept()
"""What was read once need not be read again: it is known by its content."""


@dataclass(frozen=True)
class Copy:
    """The six packages in a folder of the test's own."""

    root: Path

    @property
    def code(self) -> Code:
        """The code as it is in the folder now."""
        return Code(Tree(self.root, KNOWN))

    def plan(self, text: str) -> RunPlan:
        return make_plan(parse(text), data_digest="d0", original_name="prices.csv", code=self.code)

    @contextmanager
    def changed(self, path: str, content: bytes | None = None) -> Iterator[None]:
        """Change a file for a while; one line more if nothing else is said."""
        file = self.root / path
        before = file.read_bytes()
        file.write_bytes(before + b"\n# one line more\n" if content is None else content)
        try:
            yield
        finally:
            file.write_bytes(before)


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HOME / package, root / package, ignore=leave)
    return Copy(root)
