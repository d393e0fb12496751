"""The protocol of ledger and gate, played against a model of what it promises."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test

from tests.fault.protocol.machine import Protocol
from tests.fault.protocol.mutants import EASY, MUTANTS
from tests.fault.protocol.ways import WAYS, go
from tests.remembering import remember_signatures

if TYPE_CHECKING:
    from collections.abc import Callable

WALKS = int(os.environ.get("QRAFT_PROTOCOL_WALKS", "60"))
REACHED = ("live", "halted", "sent live", "sent paper", "forged", "tampered", "deaths", "halts")


def walk(examples: int, steps: int = 40, *, again: bool = False) -> None:
    """Let the machine go so many ways; `again` the same ones each time."""
    Protocol.steps, Protocol.reached = 0, {}
    given = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=again,
        database=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        phases=[Phase.generate],
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        remember_signatures(patch)
        run_state_machine_as_test(Protocol, settings=given)


def test_what_the_gate_promises_holds_on_every_way() -> None:
    walk(15)
    assert Protocol.steps >= 500


@pytest.mark.slow
def test_what_the_gate_promises_holds_on_many_long_ways() -> None:
    walk(WALKS, 60)
    assert Protocol.steps >= 30 * WALKS
    assert all(Protocol.reached.get(what) for what in REACHED), Protocol.reached


@pytest.mark.parametrize("plant", EASY)
def test_a_planted_fault_is_found(plant: Callable[[pytest.MonkeyPatch], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        with pytest.raises(AssertionError):
            walk(40, again=True)


@pytest.mark.parametrize("plant", WAYS)
def test_a_planted_fault_is_found_on_the_way_that_leads_to_it(
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    assert all(hasattr(rule, RULE_MARKER) for rule, _ in WAYS[plant])
    go(WAYS[plant])
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        with pytest.raises(AssertionError):
            go(WAYS[plant])


def test_every_planted_fault_is_looked_for() -> None:
    assert {*EASY, *WAYS} == set(MUTANTS)
