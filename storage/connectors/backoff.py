"""How long to wait before another try: longer each time, and short again only after success."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from storage import jitter

if TYPE_CHECKING:
    from collections.abc import Callable

JITTER: Final = 0.25
"""Waits are longer by up to such a part, so that many do not come back at one moment."""
AFTER_SUCCESS: Final = 0.25
"""The part of the first wait that a line waits that had lived."""
MOST_ASKED_S: Final = 3_600.0
"""A server that asks for more patience gets so much."""


class Backoff:
    """Waits between tries.

    Parameters
    ----------
    first_s, longest_s
        The first and the longest wait, in seconds.
    draw
        Draws from 0 to 1.
    """

    def __init__(
        self, first_s: float, longest_s: float, draw: Callable[[], float] = jitter.draw
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._draw = draw
        self._failures = 0

    def succeeded(self) -> None:
        """Begin small again: what was made has lived long enough."""
        self._failures = 0

    def wait_s(self, *, lived: bool = False, asked_s: float = 0.0) -> float:
        """Return how long to wait now.

        Parameters
        ----------
        lived
            Whether the line that was lost had lived: then the next is made almost at once.
        asked_s
            Seconds that the server asked for, as `Retry-After`.
        """
        asked_s = min(asked_s, MOST_ASKED_S)
        if lived:
            self._failures = 0
            return max(self._first_s * AFTER_SUCCESS * self._draw(), asked_s)
        wait = min(self._longest_s, self._first_s * 2.0 ** min(self._failures, 40))
        self._failures += 1
        return max(wait * (1 + JITTER * self._draw()), asked_s)
