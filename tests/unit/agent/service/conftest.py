"""A service on the workspace in which the demo has run; tests only read it."""

from __future__ import annotations

import pytest

from agent.service.service import Service


@pytest.fixture(scope="session")
def asked(demo_shell):
    with Service(str(demo_shell.workspace)) as service:
        yield service


@pytest.fixture
def empty(tmp_path):
    with Service(str(tmp_path)) as service:
        yield service
