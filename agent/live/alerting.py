"""When a source's operators are told: silence, lag, gaps; once as it begins, once as it ends."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from taskspecs.sources.flow import AlertSpec

HOUR_S: Final = 3_600.0


class Seen(NamedTuple):
    """How a source is at a moment."""

    silent_s: float
    """Since the newest message, or since the beginning."""
    behind_s: float
    gaps: int
    """Gaps that its flow has told of since it began."""


class News(NamedTuple):
    """What has begun or ended."""

    about: str
    """`silent_s`, `lag_s` or `gaps_per_hour`."""
    value: float
    limit: float
    began: bool

    def __str__(self) -> str:
        """Say it, for a person."""
        said = _SAID[self.about].format(value=self.value)
        return said if self.began else f"well again: {said}"


class Alerts:
    """Compares a source with what its document allows.

    Parameters
    ----------
    now
        Seconds of a clock that is never set back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._on: set[str] = set()
        self._gaps: deque[tuple[float, int]] = deque()

    def look(self, rules: AlertSpec, seen: Seen) -> Iterator[News]:
        """Yield what has begun or ended since the last look."""
        values: dict[str, float] = {
            "silent_s": seen.silent_s,
            "lag_s": seen.behind_s,
            "gaps_per_hour": self._in_an_hour(seen.gaps),
        }
        for about, value in values.items():
            limit: Any = getattr(rules, about)
            on = limit is not None and value >= limit
            if on != (about in self._on):
                self._on ^= {about}
                yield News(about, value, float(limit or 0.0), on)

    def _in_an_hour(self, gaps: int) -> int:
        now = self._now()
        if self._gaps and gaps < self._gaps[-1][1]:
            self._gaps.clear()  # the flow was begun anew, and counts from nothing
        self._gaps.append((now, gaps))
        while now - self._gaps[0][0] > HOUR_S:
            self._gaps.popleft()
        return gaps - self._gaps[0][1]


_SAID: Final = {
    "silent_s": "nothing came for {value:.0f} s",
    "lag_s": "its flow is {value:.0f} s behind",
    "gaps_per_hour": "{value:.0f} gaps in an hour",
}
