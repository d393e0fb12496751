"""What `qraft doctor` says of the events that are kept in the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checkup.finding import Finding

if TYPE_CHECKING:
    from storage.events.inbox_state import InboxState
    from storage.open import Stores

LATE_S = 3_600.0


def examine_inbox(stores: Stores) -> Finding:
    """Say what waits, what keeps failing and what was put aside."""
    from storage.events.boxes import state_in

    state = state_in(stores.workspace.home / "events")
    if state is None:
        return Finding("inbox", "ok", "no event has come yet")
    found = f"{state.waiting:,} wait, {state.running:,} run, {state.untold:,} to be told"
    if dead := sum(state.dead.values()):
        found += f", {dead:,} dead letter{'s' if dead > 1 else ''}"
        return Finding("inbox", "wrong", found, "qraft events dead list")
    if said := _late(state):
        return Finding("inbox", "wrong", f"{found}; {said}", "qraft up, or qraft events listen")
    return Finding("inbox", "ok", found)


def _late(state: InboxState) -> str:
    """Say what has waited too long, and whether anybody listens."""
    if failing := [f"{study} failed {n} in a row" for study, n in sorted(state.failing.items())]:
        return ", ".join(failing)
    if state.waiting and not state.listeners:
        return "nobody listens"
    oldest_s = state.oldest_waiting_s or 0.0
    return f"the oldest waits for {oldest_s / 3_600:.1f} h" if oldest_s > LATE_S else ""
