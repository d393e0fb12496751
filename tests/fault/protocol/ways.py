"""Short ways to faults that walks by chance pass by: rules of the machine, with what each is given.

On each the machine checks all that must hold after every step, as on any other way: it holds where
no fault is planted, and not where the one is that the way leads to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fault.protocol import mutants
from tests.fault.protocol.machine import Asked, Protocol
from tests.fault.protocol.world import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

NAME = NAMES[0]
Step = tuple["Callable[..., None]", dict[str, Any]]


def _does(command: str, person: str = "ann", pick: int = 1) -> Step:
    return Protocol.does, {"machine": "desk", "command": command,
                           "asked": Asked(NAME, person, pick)}  # fmt: skip


def _begins(slot: int, command: str, pick: int) -> Step:
    return Protocol.begins, {"slot": slot, "machine": "desk", "command": command,
                             "asked": Asked(NAME, "ann", pick)}  # fmt: skip


def _goes_on(slot: int, count: int) -> Step:
    return Protocol.goes_on, {"slot": slot, "count": count}


def _goes_well(far: str) -> Step:
    return Protocol.goes_well, {"name": NAME, "far": far}


def _changes_policy(to: str) -> Step:
    return Protocol.the_policy_is_changed, {"to": to, "machine": "desk"}


WAYS: dict[Callable[[pytest.MonkeyPatch], None], tuple[Step, ...]] = {
    mutants.checks_are_not_asked: (
        _goes_well("approved"),
        (Protocol.the_desk_lies, {"kind": "promotion", "name": NAME, "person": "ann"}),
    ),
    mutants.entries_are_put_over_others: (
        _begins(0, "writes figures", 1),
        _begins(1, "writes figures", 2),
        _goes_on(0, 6),  # up to where it would write
        _goes_on(1, 12),
        _goes_on(0, 12),
    ),
    mutants.the_first_policy_stays_in_force: (_changes_policy("short"), _goes_well("live")),
    mutants.the_policy_of_now_judges_the_past: (_goes_well("live"), _changes_policy("strict")),
    mutants.live_needs_no_approval_now: (
        _goes_well("live"),
        (Protocol.something_changes, {"part": "code", "value": "x"}),
        _does("publishes"),
    ),
    mutants.approvals_hold_for_other_content: (
        (Protocol.goes_well_but_for_what_comes_between,
         {"name": NAME, "far": "approved", "between": ["proposed anew"], "pick": 1}),
    ),
    mutants.any_clock_is_written: (
        (Protocol.a_clock_is_set, {"machine": "desk", "skew": timedelta(days=400)}),
        _does("writes figures"),
    ),
    mutants.what_is_taken_back_counts_for_people: (
        _does("approves", "ann"),
        _does("approves", "bob"),
        _does("revokes", pick=0),
        _does("promotes"),
    ),
}  # fmt: skip


def go(way: tuple[Step, ...]) -> None:
    """Go a way, and check after each step what must hold."""
    machine = Protocol()
    try:
        machine.what_must_hold_holds()
        for rule, given in way:
            rule(machine, **given)
            machine.what_must_hold_holds()
    finally:
        machine.teardown()
