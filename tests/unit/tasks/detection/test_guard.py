from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tasks.detection.guard import LARGEST, Guarded
from tasks.detection.protocol import Alarm, BarByBar

if TYPE_CHECKING:
    from collections.abc import Sequence


class Loud(BarByBar):
    """Alarms at ones, and remembers all that reached it."""

    def __init__(self) -> None:
        self.seen: list[Sequence[float]] = []
        self._score: float | None = None

    @property
    def score(self) -> float | None:
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        self.seen.append(values)
        self._score = values[0]
        return Alarm({}, {}, {}, 1.0, ()) if values[0] == 1 else None


def spoken(values: list[float], cooldown_bars: int) -> list[int]:
    guarded = Guarded(Loud(), cooldown_bars)
    return [bar for bar, value in enumerate(values) if guarded.step((value,))]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 2 * LARGEST])
def test_only_usable_numbers_go_in(bad: float) -> None:
    loud = Loud()
    guarded = Guarded(loud, 0)
    assert guarded.step((0.5, 2.0)) is None
    assert guarded.score == 0.5
    assert guarded.step((1.0, bad)) is None
    assert guarded.score is None
    assert loud.seen == [(0.5, 2.0)]


def test_without_a_cooldown_every_alarm_is_spoken() -> None:
    assert spoken([1, 1, 0, 1], 0) == [0, 1, 3]


def test_an_episode_lasts_while_alarms_follow_each_other() -> None:
    assert spoken([1, 0, 1, 0, 1, 0, 0, 1], 2) == [0, 7]


def test_missing_bars_do_not_end_an_episode() -> None:
    gap = [float("nan")] * 10
    assert spoken([1, *gap, 1, 0, 0, 1], 2) == [0, 14]
