"""Faults that are planted into the real code, one at a time; the machine must find each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gate.approval.approvals
import gate.signals.authority
import gate.strategies.strategies
import storage.ledger.ledger
import storage.ledger.trust
from gate.policy.in_force import InForce
from gate.strategies.strategies import _Fold
from storage.ledger.checkpoint import Checkpoint
from storage.ledger.entry import VOID
from storage.ledger.kill_switch import Brake
from storage.ledger.log import Log
from storage.ledger.trust import CLOCK, Trust
from storage.ledger.versions import Versions

if TYPE_CHECKING:
    import pytest

Plant = "Callable[[pytest.MonkeyPatch], None]"


def signatures_of_lines_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.ledger.trust, "signature_fits", lambda key, signature, _: True)


def any_runner_is_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Trust, "knows", lambda *_: True)


def unsigned_lines_count(patch: pytest.MonkeyPatch) -> None:
    doubt = Trust._doubt
    patch.setattr(Trust, "_doubt", lambda trust, entry: doubt(trust, entry) if entry.key else "")


def approvals_count_whoever_signed_them(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate.approval.approvals, "signature_fits", lambda *_: True)


def approvals_are_not_spent(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_spent")


def approvals_never_expire(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_expired")


def approvals_hold_for_other_content(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_other_content")


def one_approval_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        gate.strategies.strategies, "counted",
        lambda approvals, ground: dict.fromkeys(range(9))
        if gate.approval.approvals.counted(approvals, ground) else {},
    )  # fmt: skip


def checks_are_not_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate.strategies.strategies, "why_unfounded", lambda *_: None)


def a_halt_after_a_line_that_does_not_count_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    stop = _Fold._stop_or_go

    def stops(fold: _Fold, entry: Any) -> None:
        before = fold._entries[entry.seq - 2] if entry.seq > 1 else None
        if not (entry.kind == "halt" and before is not None and before.kind == VOID):
            stop(fold, entry)

    patch.setattr(_Fold, "_stop_or_go", stops)


def any_resumption_answers_any_halt(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_Fold, "_answers", lambda *_: True)


def resumptions_need_no_person(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(storage.ledger.trust._RULES, "resumption", lambda *_: "")


def the_mark_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Brake, "pulled", lambda _: None)


def the_mark_is_not_kept_on_the_machine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Brake, "_into_own", lambda *_: False)


def a_halt_waits_for_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.ledger.ledger.Ledger, "halt_at_once", lambda *_, **__: [])


def the_checkpoint_is_believed_whatever_is_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Log, "loss", lambda _: None)


def the_checkpoint_forgets_what_was_wrong(patch: pytest.MonkeyPatch) -> None:
    write = Checkpoint._write
    patch.setattr(
        Checkpoint, "_write",
        lambda kept, known, start: write(kept, [(entry, "") for entry, _ in known], start),
    )  # fmt: skip


def what_came_after_the_checkpoint_is_not_read(patch: pytest.MonkeyPatch) -> None:
    read = Log._read_on
    patch.setattr(Log, "_read_on", lambda log: None if len(log._known) > 9 else read(log))


def entries_are_put_over_others(patch: pytest.MonkeyPatch) -> None:
    def put(log: Log, entry: Any) -> None:
        log._store.put(entry.path, entry.to_json())
        log._known.append((entry, ""))

    patch.setattr(Log, "put", put)


def a_policy_needs_one_signature(patch: pytest.MonkeyPatch) -> None:
    asked = Versions._needed.fget
    patch.setattr(Versions, "_needed", property(lambda versions: min(1, asked(versions))))


def the_policy_of_now_judges_the_past(patch: pytest.MonkeyPatch) -> None:
    begin = _Fold.__init__

    def begins(fold: _Fold, entries: Any, policy: Any) -> None:
        begin(fold, entries, policy)
        for entry in entries:
            if entry.kind in {"policy", "policy_signature"}:
                fold._policies.take(entry)

    patch.setattr(_Fold, "__init__", begins)


def the_first_policy_stays_in_force(patch: pytest.MonkeyPatch) -> None:
    take = InForce.take
    patch.setattr(
        InForce, "take", lambda known, entry: None if known.current else take(known, entry)
    )


def keys_that_were_taken_back_count(patch: pytest.MonkeyPatch) -> None:
    learn = Trust._learn
    patch.setattr(
        Trust, "_learn", lambda trust, entry: None if entry.kind == "revocation"
        else learn(trust, entry),
    )  # fmt: skip


def taking_back_undoes_a_stop(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.ledger.trust, "TIGHTENING", frozenset())


def any_clock_is_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.ledger.ledger, "out_of_bounds", lambda *_: "")


def a_clock_that_is_set_back_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate.signals.authority, "decision_time", lambda entries, now: now)


def a_word_on_the_clock_holds_anywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(storage.ledger.trust._RULES, CLOCK, lambda *_: "")


def what_is_planted_names_nothing_before_it(patch: pytest.MonkeyPatch) -> None:
    read = storage.ledger.entry.read_slot
    for module in (storage.ledger.entry, storage.ledger.log):
        patch.setattr(module, "read_slot", lambda raw, seq, _: read(raw, seq, ""))


def live_needs_no_approval_now(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate.signals.authority, "_same", lambda *_: True)


def what_is_taken_back_counts_for_people(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate.approval.approvals, "_out_of_term", lambda *_: None)


MUTANTS = (
    signatures_of_lines_are_not_checked, any_runner_is_known, unsigned_lines_count,
    approvals_count_whoever_signed_them, approvals_are_not_spent, approvals_never_expire,
    approvals_hold_for_other_content, one_approval_is_enough, checks_are_not_asked,
    a_halt_after_a_line_that_does_not_count_is_passed_over, any_resumption_answers_any_halt,
    resumptions_need_no_person, the_mark_is_not_looked_at, the_mark_is_not_kept_on_the_machine,
    a_halt_waits_for_the_ledger, the_checkpoint_is_believed_whatever_is_there,
    the_checkpoint_forgets_what_was_wrong, what_came_after_the_checkpoint_is_not_read,
    entries_are_put_over_others, a_policy_needs_one_signature, the_policy_of_now_judges_the_past,
    the_first_policy_stays_in_force, keys_that_were_taken_back_count, taking_back_undoes_a_stop,
    any_clock_is_written, a_clock_that_is_set_back_is_believed, a_word_on_the_clock_holds_anywhere,
    what_is_planted_names_nothing_before_it, live_needs_no_approval_now,
    what_is_taken_back_counts_for_people,
)  # fmt: skip


EASY = (
    signatures_of_lines_are_not_checked, any_runner_is_known, unsigned_lines_count,
    approvals_are_not_spent, the_mark_is_not_looked_at,
)  # fmt: skip
"""Those that chance finds in a second or three; to the others `ways` leads."""


def _without(patch: pytest.MonkeyPatch, rule: str) -> None:
    kept = tuple(one for one in gate.approval.approvals.RULES if one.__name__ != rule)
    patch.setattr(gate.approval.approvals, "RULES", kept)
