"""An office to attack."""

from __future__ import annotations

import pytest

from gate.policy.stages import Stage
from tests.office import Office


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def at_paper(office: Office) -> Office:
    """A strategy at paper, that nobody has approved for live."""
    office.reaches_paper()
    return office


@pytest.fixture
def approved(at_paper: Office) -> Office:
    """A strategy at paper, approved for live by both, and not promoted yet."""
    at_paper.approves("ann")
    at_paper.approves("bob")
    return at_paper


@pytest.fixture
def live(approved: Office) -> Office:
    """A strategy at live."""
    approved.promotes(Stage.LIVE)
    return approved
