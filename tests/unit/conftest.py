"""An office with a ledger in memory."""

from __future__ import annotations

import pytest

from tests.office import Office


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def desk(office: Office) -> Office:
    """The same, for tests of what runs do to a ledger."""
    return office
