"""The text of an expression, able to point at a character of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from configs.errors import BadInput

SHOWN_CHARACTERS: Final = 60
"""How much of a long line is shown on either side of the caret."""


@dataclass(frozen=True, slots=True)
class Source:
    """One expression as a person wrote it."""

    text: str

    def error(self, at: int, what: str, hint: str | None = None) -> BadInput:
        """Make an error that names the column and draws a caret below it.

        Parameters
        ----------
        at
            Character of the text, from 0.
        what
            What is wrong there.
        hint
            What is allowed instead.

        Returns
        -------
        BadInput
            To be raised by the caller.
        """
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        line = self.text[start : end if end >= 0 else len(self.text)]
        where = f"column {at - start + 1}"
        if start:
            where = f"line {self.text.count(chr(10), 0, start) + 1}, {where}"
        parts = [_draw(line, at - start)]
        if hint:
            parts.append(hint)
        return BadInput(f"{what} ({where} of the expression)", hint="\n".join(parts))


def _draw(line: str, column: int) -> str:
    left = max(0, column - SHOWN_CHARACTERS)
    right = min(len(line), column + SHOWN_CHARACTERS)
    before = "..." if left else ""
    after = "..." if right < len(line) else ""
    shown = line[left:right].replace("\t", " ")
    return f"  {before}{shown}{after}\n  {' ' * (len(before) + column - left)}^"
