"""What a check-up finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PATIENCE_S = 2.0
"""Seconds to wait for a store that another command uses: a check-up is brief."""
NOT_YET = "nothing there yet; the first run makes it"

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    """``note``: worth knowing, and nothing to mend."""
    found: str
    mend: str | None = None
    """The command, or the deed, that mends it."""

    @property
    def well(self) -> bool:
        """Whether nothing needs to be done."""
        return self.state != "wrong"
