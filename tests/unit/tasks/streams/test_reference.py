"""The operators' reference follows their files."""

from __future__ import annotations

from pathlib import Path

from tasks.streams.operators import registry
from tasks.streams.operators.reference import write_reference


def test_the_reference_is_what_the_classes_say() -> None:
    """Where it is not, write `write_reference()` into the file."""
    page = Path(registry.__file__).with_name("README.md")
    assert page.read_text(encoding="utf-8") == write_reference()
