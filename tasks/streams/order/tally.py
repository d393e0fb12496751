"""What a flow counts and tells on the way, beside what it makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.streams.order.gaps import Gap, Want


@dataclass(slots=True)
class Tally:
    """Counts since they were last taken.

    Attributes
    ----------
    drops
        By reason, messages and events that went no further.
    late
        Events that came after their time was over; kept raw, in no bar.
    notes
        By name, what was noticed and dropped nothing: `clock_ahead`, `clock_behind`,
        `sequence_reset`, `held_too_many`.
    gaps, wants
        See :mod:`tasks.streams.order.gaps`.
    """

    drops: Counter[str] = field(default_factory=Counter)
    late: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    gaps: list[Gap] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)

    def take(self) -> Tally:
        """Return what was counted, and begin anew."""
        taken = Tally(self.drops, self.late, self.notes, self.gaps, self.wants)
        self.drops, self.notes = Counter(), Counter()
        self.late, self.gaps, self.wants = 0, [], []
        return taken
