"""The workspace's scheduler, asked by whoever can make a browser or a program send a request."""

from __future__ import annotations

import json
import socket
import sys
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest

from configs.workspace import Workspace
from tasks.runs.build import _Parts
from tasks.scheduler.access import READS, token_of
from tasks.scheduler.process import started
from tasks.scheduler.settings import entry_link, remote_scheduler

TASK = {
    "worker": "w", "task_id": "planted", "family": "Planted", "module": "this", "params": {},
    "status": "PENDING",
}  # fmt: skip


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A scheduler as `qraft ui` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started(Workspace(tmp_path_factory.mktemp("ui")), port) as running:
        yield running


def ask(scheduler, method="GET", target="/", body=None, host=None, **headers):
    """Send a request as it stands; return its status, headers and body."""
    connection = HTTPConnection("127.0.0.1", scheduler.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Host"] = host or f"127.0.0.1:{scheduler.port}"
    try:
        connection.request(method, target, body=body, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def call(name, **data):
    return f"/api/{name}?data={quote(json.dumps(data))}"


def tasks(scheduler):
    return json.loads(ask(scheduler, target=call("task_list"))[2])["response"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost:80",
        "localhost.evil.example:PORT", "127.0.0.1.nip.io:PORT", "0.0.0.0:PORT", "[::]:PORT", "",
        "user@127.0.0.1:PORT", "127.0.0.1:PORT:PORT", "127.1:PORT",
    ],
)  # fmt: skip
def test_a_name_that_was_pointed_here_is_not_answered(scheduler, host):
    host = host.replace("PORT", str(scheduler.port)) or " "
    for target in ("/", "/static/visualiser/index.html", call("task_list"), call("add_task")):
        assert ask(scheduler, target=target, host=host)[0] in {400, 403}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_are_answered(scheduler, name):
    assert ask(scheduler, target=call("task_list"), host=f"{name}:{scheduler.port}")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:PORT"},
        {"Origin": "http://127.0.0.1:PORT.evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_pages_of_other_origins_read_and_change_nothing(scheduler, headers):
    mine = {k: v.replace("PORT", str(scheduler.port)) for k, v in headers.items()}
    token = {"Authorization": f"Bearer {scheduler.token}"}
    for extra in ({}, token):
        assert ask(scheduler, target=call("task_list"), **mine, **extra)[0] == 403
        assert ask(scheduler, target=call("add_task", **TASK), **mine, **extra)[0] == 403
        form = urlencode({"data": json.dumps(TASK)})
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        posted = ask(scheduler, "POST", "/api/add_task", form, **mine, **kind, **extra)
        assert posted[0] == 403
    assert tasks(scheduler) == {}


def test_a_websocket_of_another_page_is_not_opened(scheduler):
    status, _, _ = ask(
        scheduler, target="/api/add_task", Origin="http://evil.example", Connection="Upgrade",
        Upgrade="websocket", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        Sec_WebSocket_Version="13",
    )  # fmt: skip
    assert status == 403


def every_call():
    from luigi.scheduler import RPC_METHODS

    return [*sorted(set(RPC_METHODS) - READS), "pause", "nonsense", "", "../api/add_task"]


@pytest.mark.parametrize("name", every_call())
def test_whatever_changes_something_needs_the_token(scheduler, name):
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
        assert ask(scheduler, method, f"/api/{name}?data=%7B%7D")[0] == 403
        wrong = {"Authorization": "Bearer "}
        assert ask(scheduler, method, f"/api/{name}", **wrong)[0] == 403
    assert tasks(scheduler) == {}


def test_no_read_changes_anything(scheduler):
    """By Luigi's source: what only reads returns, and touches no state."""
    for name in READS:
        ask(scheduler, target=call(name))
    assert tasks(scheduler) == {}


def test_the_token_lets_a_run_act_and_lies_outside_the_workspace(scheduler):
    assert token_of(scheduler.url) == scheduler.token
    assert token_of("http://evil.example") is None
    assert token_of(f"http://evil.example:{scheduler.port}") is None
    client = remote_scheduler(scheduler.url)
    client.add_task(worker="mine", task_id="mine", family="Mine", params={}, status="DONE")
    assert set(tasks(scheduler)) == {"mine"}
    client.prune()
    client.close()


def test_a_link_lets_one_browser_act_once(scheduler):
    link = entry_link(scheduler.url).removeprefix(scheduler.url)
    status, headers, _ = ask(scheduler, target=link)
    assert status == 302
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert ask(scheduler, target=link)[0] == 403
    mine = {"Cookie": cookie.partition(";")[0]}
    acting = call("re_enable_task", task_id="none")
    # Browsers do not tell ports apart: another local server's page carries the cookie along.
    assert ask(scheduler, target=acting, **mine)[0] == 403
    assert ask(scheduler, target=acting, **mine, Sec_Fetch_Site="same-site")[0] == 403
    assert ask(scheduler, target=acting, **mine, X_Requested_With="XMLHttpRequest")[0] == 200
    assert ask(scheduler, target=acting, **mine, Sec_Fetch_Site="same-origin")[0] == 200
    forged = {"Cookie": f"qraft_{scheduler.port}=guess"}
    assert ask(scheduler, target=acting, **forged, Sec_Fetch_Site="same-origin")[0] == 403


def test_no_page_shows_it_in_a_frame(scheduler):
    _, headers, _ = ask(scheduler, target="/static/visualiser/index.html")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


class Planting:
    """A scheduler that names a task of its own, as a foreign one could."""

    def __init__(self, **answer):
        self._answer = answer

    def get_work(self, **_):
        state = {"running_tasks": [], "n_pending_tasks": 1, "n_unique_pending": 1}
        return state | self._answer

    def add_worker(self, *_):
        pass

    def __getattr__(self, name):
        return lambda *_, **__: None


@pytest.mark.parametrize(
    "planted",
    [
        {"task_id": "planted", "task_module": "this", "task_family": "X", "task_params": {}},
        {"task_id": None, "batch_id": "b", "batch_task_ids": ["planted"], "task_module": "this",
         "task_family": "X", "task_params": {}},
        {"task_id": "planted", "batch_task_ids": ["planted"], "task_module": "antigravity",
         "task_family": "X", "task_params": {}},
    ],
)  # fmt: skip
def test_a_run_imports_no_module_that_a_scheduler_names(planted):
    before = {"this", "antigravity"} & sys.modules.keys()
    worker = _Parts("attempt").create_worker(Planting(**planted), 1)
    answer = worker._get_work()
    assert answer.task_id is None
    assert {"this", "antigravity"} & sys.modules.keys() == before
    assert worker.run_succeeded
