"""How each study stands with the clock: what is due, tried, missed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.road.clock.agenda import agenda, beginning
from agent.road.clock.times import next_times
from configs.errors import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agent.road.clock.book import Book
    from agent.road.clock.page import Page
    from agent.road.studies import Study
    from taskspecs.rerunning import ScheduleSpec


@dataclass(frozen=True, slots=True)
class Standing:
    """One study."""

    study: str
    schedule: ScheduleSpec
    page: Page | None
    """None for a study that no clock has seen, or whose book cannot be read."""
    due: tuple[datetime, ...]
    """What is to be run now, in order."""
    note: str
    """What is wrong with the book."""

    @property
    def missed_since_success(self) -> int:
        """How many times were missed after the latest one that was done."""
        if self.page is None:
            return 0
        done = self.page.success.at if self.page.success else None
        return sum(done is None or missed.at > done for missed in self.page.missed)

    def lag_s(self, now: datetime) -> float:
        """Return for how many seconds the oldest of what is due has been due."""
        return max(0.0, (now - self.due[0]).total_seconds()) if self.due else 0.0

    def row(self, now: datetime, next_count: int) -> dict[str, Any]:
        """Return it as plain values."""
        page, schedule = self.page, self.schedule
        tried = page.trying if page else None
        return {
            "study": self.study,
            "cron": schedule.cron,
            "timezone": schedule.timezone,
            "calendar": schedule.calendar or "every day",
            "done_until": page.done_until if page else None,
            "due": len(self.due),
            "oldest_due": self.due[0] if self.due else None,
            "attempts": tried.attempts if tried else 0,
            "failing_because": tried.reason if tried else None,
            "missed": page.missed_count if page else 0,
            "last_missed": page.missed[-1].model_dump() if page and page.missed else None,
            "last_success": page.success.model_dump() if page and page.success else None,
            "note": self.note or None,
            "next": next_times(schedule, now, next_count),
        }


def standings(studies: Iterable[Study], book: Book, now: datetime) -> list[Standing]:
    """Return how the studies with a schedule stand; writes nothing."""
    return [
        _stand(study, schedule, book, now)
        for study in studies
        if (schedule := study.spec.schedule) is not None
    ]


def _stand(study: Study, schedule: ScheduleSpec, book: Book, now: datetime) -> Standing:
    name = study.spec.name
    try:
        page = book.read(name)
    except Damaged as error:
        return Standing(name, schedule, None, (), error.what)
    if page is None:
        return Standing(name, schedule, None, (), "")
    note = page.note
    counted = page
    if page.is_ahead(now):
        counted = page.corrected(now, beginning(schedule, now))
        note = counted.note
    if aside := book.set_aside_before(name):
        kept = f"a book that could not be read is kept as {aside[-1].name}"
        note = "; ".join(filter(None, [note, kept if kept not in note else ""]))
    return Standing(name, schedule, page, agenda(schedule, counted, now).run, note)
