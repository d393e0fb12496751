"""Which scheduler a run is told to: the workspace's own, one by its address, or none."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from configs.errors import Unreachable
from configs.settings import Settings
from configs.workspace import Workspace
from tasks.scheduler import choice as scheduler
from tasks.scheduler.choice import Running, announce, answers, find_running, scheduler_url, withdraw


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@contextmanager
def server(body):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def test_without_one_a_run_looks_after_itself(workspace):
    assert scheduler_url(Settings(), workspace) is None
    assert scheduler_url(Settings(scheduler="local"), workspace) is None
    assert list(workspace.root.iterdir()) == []


def test_the_one_that_is_announced_is_found_until_it_is_withdrawn(workspace, monkeypatch):
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.setenv("NO_PROXY", "")
    with server(b'{"response": {}}') as url:
        running = Running(os.getpid(), url)
        announce(workspace, running)
        assert scheduler_url(Settings(), workspace) == url
        assert os.environ["no_proxy"] == "example.org,127.0.0.1"
        withdraw(workspace, Running(1, "http://other"))
        assert find_running(workspace) == running
        withdraw(workspace, running)
        withdraw(workspace, running)
    assert find_running(workspace) is None


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with server(b'{"response": {}}') as url:
        assert answers(url)


@pytest.mark.parametrize(
    "left",
    [
        "", "{", "[]", '"x"', "{}", '{"pid": 1}', '{"pid": "x", "url": 3}',
        '{"pid": 4194305, "url": "http://127.0.0.1:1"}',
        '{"pid": OURS, "url": "http://127.0.0.1:1"}', '{"pid": OURS, "url": "nonsense"}',
        json.dumps({"pid": 10**30, "url": "http://127.0.0.1:1"}),
    ],
)  # fmt: skip
def test_what_a_killed_one_left_does_not_count(workspace, left):
    workspace.home.mkdir()
    (workspace.home / scheduler.FILE).write_text(left.replace("OURS", str(os.getpid())))
    assert find_running(workspace) is None
    withdraw(workspace, Running(1, "x"))


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b"3", b'{"other": 1}'])
def test_another_server_is_no_scheduler(body):
    with server(body) as url:
        assert not answers(url)


def test_an_address_that_does_not_answer_is_an_error_without_its_password(workspace):
    with pytest.raises(Unreachable, match="no Luigi scheduler answers") as refused:
        scheduler_url(Settings(scheduler="http://ann:geheim@127.0.0.1:1"), workspace)
    assert "geheim" not in str(refused.value)
    with server(b'{"response": {}}') as url:
        assert scheduler_url(Settings(scheduler=url), workspace) == url
