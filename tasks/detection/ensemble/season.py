"""What is usual at this hour, and at this hour of this weekday."""

from __future__ import annotations

HOUR, DAY, WEEK = 3_600.0, 86_400.0, 604_800.0
_THURSDAY = 3 * DAY
"""1970-01-01 was a Thursday: added to a time, weeks begin on a Monday."""
_RATE = 0.2
"""Weight of a slot's newest hour once it has seen some."""
_ERROR_RATE = 0.003
_GAIN = 0.9
"""A profile is used when its error is below this share of that of the plain level."""
_CLIP = 4.0


class Profile:
    """The usual value of each hour of a cycle, learnt online.

    Parameters
    ----------
    cycle_seconds
        A day or a week.
    """

    __slots__ = ("_cycle", "_first", "_hours", "_means", "_seen", "error")

    def __init__(self, cycle_seconds: float) -> None:
        self._cycle = cycle_seconds
        self._hours = int(cycle_seconds / HOUR)
        self._means = [0.0] * self._hours
        self._seen = [0] * self._hours
        self._first: float | None = None
        self.error = 0.0

    def usual(self, seconds: float) -> float | None:
        """Return the usual value at a time, between the hours' middles; None before two cycles."""
        if self._first is None or seconds - self._first < 2 * self._cycle:
            return None
        place = (seconds % self._cycle) / HOUR - 0.5
        low = int(place) if place >= 0 else -1
        share = place - low
        left, right = low % self._hours, (low + 1) % self._hours
        seen = self._seen
        if seen[left] and seen[right]:
            return (1.0 - share) * self._means[left] + share * self._means[right]
        here = int((seconds % self._cycle) / HOUR)
        return self._means[here] if seen[here] else None

    def learn(self, seconds: float, value: float, rate: float) -> None:
        """Let a value become part of its hour."""
        if self._first is None:
            self._first = seconds
        slot = int((seconds % self._cycle) / HOUR)
        self._seen[slot] += 1
        self._means[slot] += max(rate, 1.0 / self._seen[slot]) * (value - self._means[slot])


class Season:
    """The better of a daily and a weekly profile, or a plain level when neither helps.

    Which is better is known from their errors so far, values beyond four times the level's usual
    error counting as that much, so that an outlier neither teaches nor decides.
    """

    __slots__ = ("_before", "_level", "_level_error", "_n", "_profiles", "_step")

    def __init__(self) -> None:
        self._profiles = (Profile(WEEK), Profile(DAY))
        self._level = 0.0
        self._level_error = 0.0
        self._n = 0
        self._before: float | None = None
        self._step = HOUR

    def residual(self, value: float, seconds: float | None) -> float | None:
        """Return a value less what is usual at its time, if that is known; then learn it."""
        self._n += 1
        rate = max(0.01, 1.0 / self._n)
        away = value - self._level
        limit = _CLIP * self._level_error if self._n > 20 else abs(away)
        clipped = self._level + min(limit, max(-limit, away))
        rest = self._compare(value, clipped, seconds) if seconds is not None else None
        self._level_error += max(_ERROR_RATE, 1.0 / self._n) * (
            min(abs(away), 2 * limit) - self._level_error
        )
        self._level += rate * (clipped - self._level)
        return rest

    def _compare(self, value: float, clipped: float, seconds: float) -> float | None:
        if self._before is not None and seconds > self._before:
            self._step += 0.05 * (min(seconds - self._before, DAY) - self._step)
        self._before = seconds
        rate = min(0.3, _RATE * self._step / HOUR)
        best, least = None, _GAIN * self._level_error
        for profile in self._profiles:
            usual = profile.usual(seconds)
            if usual is not None:
                error = min(abs(value - usual), _CLIP * self._level_error)
                if 0.0 < profile.error < least:
                    best, least = value - usual, profile.error
                profile.error += (_ERROR_RATE if profile.error else 1.0) * (error - profile.error)
            profile.learn(seconds, clipped, rate)
        return best
