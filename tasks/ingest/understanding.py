"""What was understood of a file, layer by layer, and the line of a spec that says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Certainty = Literal["sure", "guessed", "told"]


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that was understood of a file.

    Parameters
    ----------
    layer
        What was looked at: `container`, `encoding`, `delimiter`, `shape`, `decimal`, ...
    value
        What it was taken to be, for a person.
    certainty
        `sure` when the content leaves no other reading, `guessed` when another is possible, and
        `told` when a spec says so.
    line
        The line under `data` that would make it otherwise; empty where there is none.
    """

    layer: str
    value: str
    certainty: Certainty = "sure"
    line: str = ""
