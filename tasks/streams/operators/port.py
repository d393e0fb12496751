"""What an operator is: of level one on events, of level two on bars that closed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import polars as pl

    from tasks.streams.event import Event, Scales


class EventOperator:
    """Takes events one at a time.

    What it returns depends on the events it was given and on nothing else; its state is bounded,
    plain values, and goes on where it was frozen.

    Parameters
    ----------
    settings
        What the document says, as the operator's own model.
    scales
        What the numbers of events are to be divided by.

    Attributes
    ----------
    ordered
        Whether it is given events in order, as one must be that remembers any; else it is given
        them as they come, and looks at one alone.
    """

    ordered: ClassVar[bool] = False

    def __init__(self, settings: Any, scales: Scales) -> None:
        self._notes: Counter[str] = Counter()

    def take(self, event: Event) -> Event | str:
        """Return the event that goes on, or in a word why none does."""
        raise NotImplementedError

    def take_notes(self) -> Counter[str]:
        """Return what was noticed without dropping anything, and begin anew."""
        taken, self._notes = self._notes, Counter()
        return taken

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return None

    def thaw(self, state: Any) -> None:
        """Go on from a state."""


class BarOperator:
    """Takes bars that closed, in the order of their times, all of one time together.

    What it returns for a time depends on rows up to it; how rows are cut into frames changes
    nothing. Its state is bounded.

    Parameters
    ----------
    settings
        What the document says, as the operator's own model.
    """

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what goes on.

        Parameters
        ----------
        frame
            `symbol, ts`, bars and all that was made of them so far; later than any frame before.
        """
        raise NotImplementedError

    def join(self, body: bytes) -> bool:
        """Take a record JOINED; say whether it is one."""
        return True

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return None

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
