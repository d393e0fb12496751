"""Patience with a store that does not answer for a while, as one that is started anew.

A store that has answered this process before is tried again for `AGAIN_FOR_S`, with pauses that
double and jitter, so that a restart of up to a minute fails no run. One that never answered is
given up after `FIRST_FOR_S`: there the address is likelier to be wrong.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from configs.errors import QraftError, Unreachable
from configs.output import talk
from storage.jitter import spread

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

AGAIN_FOR_S = 150.0
FIRST_FOR_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 4.0
SAID_AFTER_S = 2.0
"""A person who waits is told so; a hiccup is not worth a line."""

_answered: set[str] = set()


class Patience:
    """Tries a call again while its store does not answer.

    Parameters
    ----------
    what
        The store, for people, and for telling whether it answered before.
    now, sleep
        A monotonic clock, and what waits; in seconds.
    """

    def __init__(
        self,
        what: str,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._what = what
        self._now = now
        self._sleep = sleep

    def __call__(self, call: Callable[[], Answer]) -> Answer:
        """Call until there is an answer.

        Raises
        ------
        Unreachable
            If there was none in time; any other error is an answer, and raised at once.
        """
        began, pause_s, said = self._now(), FIRST_PAUSE_S, False
        while True:
            try:
                answer = call()
            except Unreachable:
                limit_s = AGAIN_FOR_S if self._what in _answered else FIRST_FOR_S
                waited_s = self._now() - began
                if waited_s >= limit_s:
                    raise
                if waited_s >= SAID_AFTER_S and not said:
                    said = True
                    talk(f"{self._what} does not answer; trying again for up to {limit_s:g} s")
                self._sleep(min(spread(pause_s, 0.5, 1.0), limit_s - waited_s))
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            except QraftError:
                _answered.add(self._what)
                raise
            else:
                _answered.add(self._what)
                return answer
