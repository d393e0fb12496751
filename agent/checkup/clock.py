"""What `qraft doctor` says of the clock's books and of a `qraft up` that runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.checkup.finding import Finding

if TYPE_CHECKING:
    from agent.road.clock.standing import Standing
    from storage.open import Stores

LATE = timedelta(hours=1)


def examine_clock(stores: Stores) -> Finding:
    """Say what the clock has missed, what it fails at, and what is wrong with its books."""
    from agent.road.clock.book import Book
    from agent.road.clock.standing import standings
    from agent.road.studies import watched_studies

    now = datetime.now(UTC)
    studies = watched_studies(stores.workspace, stores.settings, say=lambda _: None)
    stands = standings(studies, Book(stores.workspace), now)
    if not stands:
        return Finding("clock", "ok", "no study has a schedule")
    wrong = [said for one in stands if (said := _wrong(one, now))]
    if wrong:
        mend = "qraft schedule list; qraft schedule run --once, or qraft up, runs what is due"
        return Finding("clock", "wrong", "; ".join(wrong), mend)
    notes = [f"{one.study}: {one.note}" for one in stands if one.note]
    count = f"{len(stands)} {'study has' if len(stands) == 1 else 'studies have'} a schedule"
    if notes:
        return Finding("clock", "note", "; ".join([count, *notes]))
    return Finding("clock", "ok", count)


def _wrong(one: Standing, now: datetime) -> str:
    page = one.page
    if page is None:
        return one.note
    if page.is_ahead(now):
        return f"{one.study}: {one.note}"
    if page.trying is not None and one.due:
        tried = f"{page.trying.attempts} {'time' if page.trying.attempts == 1 else 'times'}"
        at = f"{page.trying.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{one.study} as of {at} failed {tried}: {page.trying.reason}"
    if count := one.missed_since_success:
        last = page.missed[-1]
        return f"{one.study} missed its last {count}: {last.reason}"
    if one.due and now - one.due[0] > LATE:
        return f"{one.study} has {len(one.due)} due since {one.due[0]:%Y-%m-%d %H:%M} UTC"
    return ""


def examine_service(stores: Stores) -> Finding:
    """Say whether `qraft up` runs for the workspace, and how its parts are."""
    from agent.checkup.questions import Silence, get
    from agent.road.supervision.announcing import find_running

    running = find_running(stores.workspace)
    if running is None:
        return Finding("service", "ok", "qraft up does not run here")
    where = f"process {running.pid}, {running.url}"
    try:
        status, body = get(f"{running.url}/readyz")
    except Silence:
        found = f"{where}: it does not answer; it may be stopped or hang"
        return Finding("service", "wrong", found, f"end it (kill {running.pid}) and start qraft up")
    told = json.loads(body)
    if status == 200:
        restarts = sum(part["restarts"] for part in told["parts"].values())
        more = f", {restarts} restarts of parts" if restarts else ""
        return Finding("service", "ok", f"{where}: {len(told['parts'])} parts run{more}")
    troubles = [f"{n}: {p['trouble']}" for n, p in told["parts"].items() if p["trouble"]]
    troubles += [f"{n}: {said}" for n, said in told["stores"].items() if said != "ok"]
    troubles += [f"child process {pid} is {state}" for pid, state in told["children"].items()]
    found = f"{where}: {'; '.join(troubles) or told['status']}"
    return Finding("service", "wrong", found, "look at its log; qraft doctor names the stores")
