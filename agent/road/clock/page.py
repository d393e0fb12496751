"""What the clock knows of one study: what was done, what is tried, what was missed, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MOST_KEPT: Final = 100
AHEAD: Final = timedelta(minutes=1)
"""A book that is ahead of the clock by more than that was written under another clock."""


class _Part(BaseModel):
    """Keys of a later version are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Attempt(_Part):
    """A scheduled time whose run has not succeeded yet."""

    at: AwareDatetime
    attempts: int
    reason: str
    """The first line of the last error."""
    exit_code: int = 1
    passing: bool = False
    """Whether it failed by its surroundings: they may be mended with nothing done to the study."""
    last_ts: AwareDatetime


class Missed(_Part):
    """A scheduled time that was not run, or not with success, before its next one came."""

    at: AwareDatetime
    reason: str
    attempts: int = 0


class Success(_Part):
    """The latest run that was seen complete."""

    at: AwareDatetime
    run_id: str
    ended_ts: AwareDatetime


class Page(_Part):
    """The clock's book of one study."""

    study: str = ""
    done_until: AwareDatetime
    done: tuple[AwareDatetime, ...] = ()
    """The latest times that were done, in order: where to go on when the clock was set back."""
    trying: Attempt | None = None
    missed: tuple[Missed, ...] = ()
    """The latest of them, in order."""
    missed_count: int = 0
    """How many there ever were."""
    success: Success | None = None
    note: str = ""
    """What happened to the book itself, until a run succeeds."""

    def succeeded(self, at: datetime, run_id: str, now: datetime) -> Page:
        """Return the page after the run of a time."""
        return self._with(
            done_until=at,
            done=(*self.done, at)[-MOST_KEPT:],
            trying=None,
            success=Success(at=at, run_id=run_id, ended_ts=now),
            note="",
        )

    def failed(
        self, at: datetime, reason: str, now: datetime, *, exit_code: int = 1, passing: bool
    ) -> Page:
        """Return the page after an attempt at a time."""
        tried = self.trying.attempts if self.trying and self.trying.at == at else 0
        return self._with(
            trying=Attempt(
                at=at, attempts=tried + 1, reason=reason, exit_code=exit_code, passing=passing,
                last_ts=now,
            )
        )  # fmt: skip

    def gave_up(self, missed: Missed) -> Page:
        """Return the page after a time was missed for good."""
        return self._with(
            done_until=max(self.done_until, missed.at),
            trying=None,
            missed=(*self.missed, missed)[-MOST_KEPT:],
            missed_count=self.missed_count + 1,
        )

    def begun(self, since: datetime, note: str) -> Page:
        """Return the page as if all was done until `since`."""
        return self._with(done_until=since, note=note, trying=None)

    def is_ahead(self, now: datetime) -> bool:
        """Whether it tells of times that are yet to come."""
        return self.done_until > now + AHEAD

    def corrected(self, now: datetime, begin: datetime) -> Page:
        """Return the page without what is yet to come: the clock was wrong then, or is now.

        Parameters
        ----------
        begin
            Where to go on if no earlier time that was done is known.
        """
        past = tuple(at for at in self.done if at <= now)
        ahead = f"its book said done until {self.done_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return self._with(
            done_until=max(past, default=begin),
            done=past,
            trying=self.trying if self.trying and self.trying.at <= now else None,
            missed=tuple(one for one in self.missed if one.at <= now),
            note=f"{ahead}, ahead of the clock; it goes on from what was done before",
        )

    def _with(self, **changes: object) -> Page:
        return self.model_copy(update=changes)


def parse_page(text: bytes, study: str) -> Page:
    """Read a page.

    Raises
    ------
    ValueError
        If it is none, or another study's.
    """
    try:
        page = Page.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from error
    if page.study not in {"", study}:
        raise ValueError(f"it is the book of `{page.study}`")
    return page.model_copy(update={"study": study})
