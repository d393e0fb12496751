"""The application as a client meets it, on the workspace in which the demo has run."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from agent.http.application import make_app
from agent.http.serving import bind, names_of, serve
from agent.http.tokens import Tokens
from agent.service.service import Service

BASE = "http://127.0.0.1:8100"
HOSTS = ["127.0.0.1:8100", "localhost:8100"]


@pytest.fixture(scope="session")
def client(demo_shell):
    with (
        Service(str(demo_shell.workspace)) as service,
        TestClient(
            make_app(service, hosts=HOSTS), base_url=BASE, raise_server_exceptions=False
        ) as client,
    ):
        yield client


@pytest.fixture
def own(tmp_path):
    """A client of an empty workspace, which a test may change."""
    with (
        Service(str(tmp_path)) as service,
        TestClient(
            make_app(service, hosts=HOSTS), base_url=BASE, raise_server_exceptions=False
        ) as client,
    ):
        yield client


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path / "state" / "tokens.json")


@pytest.fixture
def guarded(tmp_path, tokens):
    """A client of a workspace that others reach, too."""
    (tmp_path / "workspace").mkdir()
    with (
        Service(str(tmp_path / "workspace")) as service,
        TestClient(
            make_app(service, hosts=HOSTS, tokens=tokens), base_url=BASE,
            raise_server_exceptions=False,
        ) as client,
    ):  # fmt: skip
        yield client


@contextmanager
def served(workspace, port=0):
    """A real server in a thread, on a port of its own or one that is named; yields where it is."""
    listening = bind("127.0.0.1", port)
    port = listening.getsockname()[1]
    servers = []
    with Service(str(workspace)) as service:
        thread = threading.Thread(
            target=serve, args=(service, listening),
            kwargs={
                "hosts": names_of("127.0.0.1", port), "tokens": None, "begun": servers.append
            },
        )  # fmt: skip
        thread.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            servers[0].should_exit = True
            thread.join()
