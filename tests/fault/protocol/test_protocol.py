"""The protocol of ledger and gate, played against a model of what it promises."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

from tests.fault.protocol.machine import Protocol


class TestProtocol(Protocol.TestCase):
    """A short walk, for every run of the tests."""

    settings = settings(
        max_examples=40, stateful_step_count=40, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate], report_multiple_bugs=False,
    )  # fmt: skip
