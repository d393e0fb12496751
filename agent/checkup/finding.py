"""What a check-up finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from configs.remedies import Remedy

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
    """What mends it, in words."""
    remedies: tuple[Remedy, ...] = ()
    """What mends it, by name."""

    @property
    def well(self) -> bool:
        """Whether nothing needs to be done."""
        return self.state != "wrong"
