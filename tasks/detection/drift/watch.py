"""Drive one of River's drift detectors over many values at a go."""

from __future__ import annotations

from operator import length_hint
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Watch(Protocol):
    """A drift detector for standardised values; after a drift it begins anew by itself."""

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index.

        None means that all were taken and none was found.
        """


class RiverWatch:
    """Any of River's drift detectors: `update`, then ask.

    Parameters
    ----------
    make
        Returns a new detector of River's; it pickles, as what it returns does.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._detector = make()

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index."""
        detector = self._detector
        update, left = detector.update, iter(values)
        for value in left:
            update(value)
            if detector.drift_detected:
                return len(values) - length_hint(left) - 1
        return None
