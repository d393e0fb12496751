"""A document of the memory: one thing that can be told in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KINDS: Final = (
    "run", "pattern", "feedback", "rejection", "spec", "operators", "detectors", "note",
)  # fmt: skip
"""What documents may be."""


@dataclass(frozen=True, slots=True)
class Document:
    """One thing to remember.

    Attributes
    ----------
    id
        Its kind and what tells it from others of the kind, as ``note:ideas/momentum.md``.
    date
        ISO form; empty where it has none.
    run
        The run it tells of; empty where it tells of none.
    """

    id: str
    kind: str
    title: str
    text: str
    date: str = ""
    run: str = ""
