"""Studies: the TaskSpecs of a workspace that rerun by themselves, and how the clock has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime

from agent.service.model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agent.road.studies import Study as Read
    from agent.service.service import Service

NEXT = 3
"""Times ahead that are told where nothing else is asked for."""


class Study(Model):
    """A TaskSpec that ships, or that the workspace's settings name."""

    name: str
    description: str
    path: str
    shipped: bool
    woken_by: list[str]
    """Types of events."""
    cron: str | None
    timezone: str | None


class Scheduled(Model):
    """How a study stands with the clock."""

    study: str
    cron: str
    timezone: str
    calendar: str
    done_until: AwareDatetime | None
    due: int
    oldest_due: AwareDatetime | None
    attempts: int
    failing_because: str | None
    missed: int
    last_missed: dict[str, Any] | None
    last_success: dict[str, Any] | None
    note: str | None
    """What is wrong with the clock's book."""
    next: list[AwareDatetime]


def list_studies(service: Service) -> list[Study]:
    """Return the TaskSpecs that ship and those of the workspace, by name.

    One that cannot be read is said and passed over.
    """
    from agent.road.studies import named_studies, watched_studies
    from taskspecs.catalogue import shipped

    own = watched_studies(service.workspace, service.settings, say=service.say)
    ships = named_studies(list(shipped()))
    told = [(study, False) for study in own] + [(study, True) for study in ships]
    return sorted((_tell(*each) for each in told), key=lambda study: (study.name, study.path))


def read_taskspec(service: Service, wanted: str) -> dict[str, Any]:
    """Return the resolved TaskSpec of a study, by its name or path.

    Raises
    ------
    BadInput
        Located in the file, if there is none or it is not valid.
    """
    from agent.service.specs import read_spec
    from taskspecs.identity import resolved

    return dict(resolved(read_spec(service, wanted).taskspec))


def studies_of(service: Service, named: Sequence[str] = ()) -> list[Read]:
    """Return the studies that are named, or those that the workspace's settings name.

    Raises
    ------
    BadInput
        Located, if one that is named is wrong, or two have one name.
    """
    from agent.road.studies import named_studies, watched_studies

    if named:
        return named_studies(named, service.workspace.root)
    return watched_studies(service.workspace, service.settings, say=service.say)


def list_schedule(
    service: Service, named: Sequence[str] = (), *, now: datetime | None = None, times: int = NEXT
) -> list[Scheduled]:
    """Return what is due, what was missed and why, and the next times; writes nothing.

    Parameters
    ----------
    named
        These studies; default those that the workspace's settings name.
    now
        UTC; default the time.
    """
    from datetime import UTC, datetime

    from agent.road.clock.book import Book
    from agent.road.clock.standing import standings

    at = now or datetime.now(UTC)
    book = Book(service.workspace)
    stands = standings(studies_of(service, named), book, at)
    return [Scheduled(**one.row(at, times)) for one in stands]


def _tell(study: Read, ships: bool) -> Study:
    spec = study.spec
    return Study(
        name=spec.name,
        description=spec.description,
        path=str(study.path),
        shipped=ships,
        woken_by=[trigger.on for trigger in spec.triggers],
        cron=spec.schedule.cron if spec.schedule else None,
        timezone=spec.schedule.timezone if spec.schedule else None,
    )
