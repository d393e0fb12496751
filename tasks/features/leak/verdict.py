"""What a leak check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Leak:
    """The first value that changed when the future was taken away."""

    column: str
    symbol: str | None
    ts: datetime
    known: datetime
    """The time up to which the data was cut."""
    with_future: float | str | None
    without_future: float | str | None

    def __str__(self) -> str:
        """Say what changed."""
        who = f" of {self.symbol}" if self.symbol else ""
        return (
            f"{self.column}{who} at {self.ts} was {self.without_future} with what was known at"
            f" {self.known}, and {self.with_future} with later rows"
        )


@dataclass(frozen=True, slots=True)
class LeakVerdict:
    """What a leak check found.

    Attributes
    ----------
    leak
        The first change, or None.
    deterministic
        False when the same data gave two results, so that nothing can be concluded.
    cuts
        Times at which the data was cut.
    rows
        Rows that took part.
    compared
        Values that were compared.
    seconds
        What the check cost.
    """

    leak: Leak | None
    deterministic: bool
    cuts: tuple[datetime, ...]
    rows: int
    compared: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing speaks against the computation."""
        return self.leak is None and self.deterministic

    @property
    def finding(self) -> str:
        """What was found, in one line; the same on every machine."""
        if not self.deterministic:
            return f"not deterministic: two computations of the same rows differ: {self.leak}"
        if self.leak:
            return f"looks ahead: {self.leak}"
        return (
            f"no look-ahead in {self.compared:,} values at {len(self.cuts)} cuts"
            f" ({self.rows:,} rows)"
        )

    def __str__(self) -> str:
        """Give the finding and what it cost."""
        return f"{self.finding}, {self.seconds:.1f} s"
