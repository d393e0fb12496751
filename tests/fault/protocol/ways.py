"""Short ways to faults that chance finds late or never: rules of the machine, each with its part.

On each the machine checks all that must hold after every step, as on any other way: it holds where
no fault is planted, and not where the one is that the way leads to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fault.protocol import mutants, tampering
from tests.fault.protocol.machine import Asked, Protocol
from tests.fault.protocol.world import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

NAME = NAMES[0]
Step = tuple["Callable[..., None]", dict[str, Any]]


def _does(command: str, person: str = "ann", pick: int = 1, machine: str = "desk") -> Step:
    return Protocol.does, {"machine": machine, "command": command,
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


def _lies_all_the_way(*, approvals: bool) -> Step:
    return Protocol.the_desk_lies_all_the_way, {"name": NAME, "check": True,
                                                "approvals": approvals}  # fmt: skip


def _forges(way: str) -> Step:
    return Protocol.forges, {"kind": "paper", "name": NAME, "person": "ann", "way": way, "pick": 0}


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
    mutants.approvals_count_whoever_signed_them: (_lies_all_the_way(approvals=True),),
    mutants.one_approval_is_enough: (_does("approves"), _lies_all_the_way(approvals=False)),
    mutants.approvals_never_expire: (
        _goes_well("approved"), (Protocol.time_goes_by, {"days": 100}), _does("promotes"),
    ),
    mutants.a_halt_after_a_line_that_does_not_count_is_passed_over: (
        (Protocol.plants_junk, {"what": "a brace"}),
        (Protocol.halts_everything, {"machine": "desk", "pick": 1}),
        (Protocol.takes_the_mark_away, {}),
    ),
    mutants.any_resumption_answers_any_halt: (
        (Protocol.an_old_release_is_written_again, {"pick": 1}),
    ),
    mutants.resumptions_need_no_person: ((Protocol.the_desk_undoes_a_halt, {"pick": 1}),),
    mutants.the_mark_is_not_kept_on_the_machine: (
        (Protocol.halts_everything, {"machine": "other", "pick": 1}),
        (Protocol.takes_the_mark_away, {}),
    ),
    mutants.a_halt_waits_for_the_ledger: (
        (Protocol.the_disk_is_full_or_not, {"full": True}),
        (Protocol.halts_everything, {"machine": "desk", "pick": 1}),
    ),
    mutants.the_checkpoint_is_believed_whatever_is_there: (
        (Protocol.tampers, {"kind": tampering.cut, "pick": 3}),
    ),
    mutants.the_checkpoint_forgets_what_was_wrong: (
        _forges("by a stolen signature"), _does("writes figures"),
    ),
    mutants.what_came_after_the_checkpoint_is_not_read: (_goes_well("live"), _forges("unsigned")),
    mutants.a_policy_needs_one_signature: (
        _does("proposes a policy", pick=3), _does("signs a policy"), _goes_well("live"),
    ),
    mutants.keys_that_were_taken_back_count: (
        _does("revokes", pick=3), _does("approves", "bob", machine="other"),
    ),
    mutants.taking_back_undoes_a_stop: (
        (Protocol.another_machine_stops_one_and_is_taken_back, {"name": NAME, "pick": 1}),
    ),
    mutants.a_clock_that_is_set_back_is_believed: (
        (Protocol.goes_well_but_for_what_comes_between,
         {"name": NAME, "far": "live", "between": ["the clock is set back"], "pick": 1}),
    ),
    mutants.a_word_on_the_clock_holds_anywhere: (
        (Protocol.the_desk_lies, {"kind": "clock", "name": NAME, "person": "ann"}),
    ),
    mutants.what_is_planted_names_nothing_before_it: (
        (Protocol.plants_junk, {"what": "a brace"}),
        _does("writes figures"),
        (Protocol.tampers, {"kind": tampering.replace, "pick": 5}),
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
