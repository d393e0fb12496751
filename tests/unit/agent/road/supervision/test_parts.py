"""Parts are kept running, and what is wrong with one is seen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from agent.road.supervision.health import Health, Stores
from agent.road.supervision.part import LOOP_RESTARTS, Part
from agent.road.supervision.serving import Server
from configs import output
from configs.errors import Failed, Unreachable


def until(condition, timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def stop():
    stop = threading.Event()
    yield stop
    stop.set()


@pytest.fixture
def begin(stop):
    parts, said = [], []

    def begin(work, **options):
        options = {"say": lambda message, level="info": said.append((level, message))} | options
        name = options.pop("name", "it")
        part = Part(name, work, stop, first_pause_s=0.01, **options)
        parts.append(part)
        part.start()
        return part

    begin.said = said
    yield begin
    for part in parts:
        part.end(10)


def waits(pulse):
    pulse.wait(60)


@pytest.mark.parametrize(
    ("error", "said"),
    [(KeyError("x"), "broke: KeyError: 'x', at "), (Unreachable("away", hint="h"), "failed: away"),
     (SystemExit(3), "broke: SystemExit"), (None, "ended by itself")],
)  # fmt: skip
def test_a_part_that_ends_is_begun_anew_and_that_is_said(begin, error, said):
    def work(pulse):
        if not begin.said and error:
            raise error
        if begin.said:
            pulse.wait(60)

    part = begin(work)
    until(lambda: part.restarts == 1 and part.state == "running")
    assert [(level, said in message) for level, message in begin.said] == [("error", True)]
    assert part.trouble() == ""


def test_a_crash_loop_is_said_once_and_shown(begin):
    def work(pulse):
        raise Failed("no disk")

    part = begin(work)
    until(lambda: part.restarts == LOOP_RESTARTS)
    until(lambda: any("crash loop" in message for _, message in begin.said))
    assert "again and again" in part.trouble()
    assert sum("crash loop" in message for _, message in begin.said) == 1


def test_a_part_that_hangs_is_seen_and_seen_to_be_well_again(begin, stop):
    hold = threading.Event()

    def work(pulse):
        hold.wait(60)
        pulse.wait(60)

    part = begin(work, fresh_s=0.05)
    until(lambda: part.trouble().startswith("it hangs"))
    hold.set()
    until(lambda: part.trouble() == "")


def test_a_part_ends_when_its_owner_does(begin, stop):
    part = begin(waits)
    until(lambda: part.state == "running")
    stop.set()
    part.end(10)
    assert (part.state, part.trouble(), part.restarts) == ("ended", "", 0)


def ask(server, page):
    try:
        with urllib.request.urlopen(f"{server.url}{page}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def served(begin, stop):
    found = {"lake": ""}
    stores = Stores({"lake": lambda: found["lake"]}, every_s=0.01)
    health = Health(stores, say=lambda *_: None)
    server = Server(0, CollectorRegistry(), health)
    begin(stores.look)
    threading.Thread(target=server.serve, args=(stop,), daemon=True).start()
    yield server, health, found
    stop.set()
    server.server_close()


def test_health_and_readiness_name_what_is_wrong(served, begin):
    server, _, found = served
    until(lambda: ask(server, "/readyz")[0] == 200)
    status, body = ask(server, "/healthz")
    told = json.loads(body)
    assert (status, told["status"], told["pid"]) == (200, "ok", os.getpid())
    assert told["parts"]["it"]["state"] == "running"

    found["lake"] = "it does not answer"
    until(lambda: ask(server, "/readyz")[0] == 503)
    assert ask(server, "/healthz")[0] == 200
    assert json.loads(ask(server, "/readyz")[1])["stores"] == {"lake": "it does not answer"}

    begin(lambda pulse: time.sleep(1), name="clock", fresh_s=0.0)
    until(lambda: ask(server, "/healthz")[0] == 503)
    assert json.loads(ask(server, "/healthz")[1])["parts"]["clock"]["trouble"].startswith(
        "it hangs"
    )
    assert ask(server, "/other")[0] == 404


def test_a_stopped_child_is_unhealthy(served):
    server, _, _ = served
    child = subprocess.Popen(["sleep", "60"])
    try:
        child.send_signal(signal.SIGSTOP)
        until(lambda: ask(server, "/healthz")[0] == 503)
        assert json.loads(ask(server, "/healthz")[1])["children"] == {str(child.pid): "stopped"}
        child.send_signal(signal.SIGCONT)
        until(lambda: ask(server, "/healthz")[0] == 200)
    finally:
        child.kill()
        child.wait()


def test_a_taken_port_is_said(served):
    with pytest.raises(Failed, match="cannot be used"):
        Server(served[0].server_address[1], CollectorRegistry(), None)


def test_what_becomes_wrong_is_said_once_and_so_is_its_end(begin, stop, monkeypatch):
    monkeypatch.setattr("agent.road.supervision.health.LOOK_S", 0.01)
    found, said = {"lake": "away"}, []
    stores = Stores({"lake": lambda: found["lake"]}, every_s=0.01)
    health = Health(stores, say=lambda message, level="info": said.append(message))
    begin(stores.look)
    begin(health.watch)
    until(lambda: said == ["lake: away"])
    time.sleep(0.1)
    found["lake"] = ""
    until(lambda: said == ["lake: away", "lake: well again"])


def test_a_log_has_times_and_levels(capsys):
    with output.logging():
        output.talk("it failed\nfor a reason", "error")
    output.talk("done")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0][10:11] == "T"
    assert lines[0].split()[1:] == ["error", "it", "failed"]
    assert lines[0].split()[0].endswith("Z")
    assert lines[1:] == ["    for a reason", "done"]
