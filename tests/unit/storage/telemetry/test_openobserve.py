"""Telemetry to a server: a stand-in of OpenObserve's ingestion over real HTTP."""

from __future__ import annotations

import base64
import subprocess
import sys
import threading
import time

import pytest

from configs.errors import BadInput
from configs.settings import Settings
from configs.workspace import Workspace
from storage.telemetry import lines, spool
from storage.telemetry.lines import record, recorded
from storage.telemetry.openobserve import PASSWORD, parse_stream
from storage.telemetry.scrubbing import scrub
from storage.telemetry.shipping import shipping
from tests.stand_ins.openobserve_http import OpenObserve


@pytest.fixture
def server():
    server = OpenObserve()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ship(server, tmp_path, monkeypatch):
    monkeypatch.setenv(PASSWORD, "s3cret-pass")
    monkeypatch.setattr("storage.telemetry.shipping.LOOK_S", 0.05)
    workspace = Workspace(tmp_path)
    said: list[str] = []

    def ship():
        return shipping(workspace, Settings(telemetry=server.url), say=said.append)

    ship.workspace, ship.said = workspace, said
    return ship


def until(condition, timeout_s=10.0):
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_lines_arrive_with_their_time_and_our_name(server, ship):
    record(ship.workspace, "stage", stage="features", rows=5, computed=["a"])
    with ship() as counts:
        until(lambda: counts.sent == 1)
    (event,) = server.taken
    assert event["stage"] == "features"
    assert event["computed"] == '["a"]'
    assert abs(event["_timestamp"] / 1e6 - time.time()) < 60
    expected = base64.b64encode(b"ann:s3cret-pass").decode()
    assert server.authorised == [f"Basic {expected}"]


def test_nothing_is_sent_twice_and_nothing_is_lost_while_the_server_is_away(server, ship):
    server.refusals = 3
    with ship() as counts:
        for number in range(50):
            record(ship.workspace, "stage", number=number)
        until(lambda: counts.sent == 50)
    with ship():
        record(ship.workspace, "stage", number=50)
        until(lambda: len(server.taken) == 51)
    assert [event["number"] for event in server.taken] == list(range(51))
    assert len([line for line in ship.said if "sent later" in line]) == 1


def test_debug_goes_first_when_much_waits_and_errors_stay(server, ship, monkeypatch):
    monkeypatch.setattr(spool, "_LEFT_OUT", ((20_000, {"debug", "info"}), (5_000, {"debug"})))
    monkeypatch.setattr(spool, "BATCH_BYTES", 4_096)
    for number in range(300):
        for level in ("debug", "info", "error"):
            record(ship.workspace, "e", level=level, number=number)
    with ship() as counts:
        until(lambda: counts.sent + counts.left_out == 900)
    by_level = {level: sum(e["level"] == level for e in server.taken)
                for level in ("debug", "info", "error")}  # fmt: skip
    assert by_level["error"] == 300
    assert by_level["debug"] < by_level["info"] < 300


def test_what_was_put_aside_is_sent_before_what_follows(server, ship, monkeypatch):
    monkeypatch.setattr(lines, "LARGEST_BYTES", 2_000)
    for number in range(30):
        record(ship.workspace, "e", number=number)
    assert ship.workspace.telemetry_before.exists()
    with ship() as counts:
        until(lambda: counts.waiting_bytes == 0 and counts.sent > 0)
    numbers = [event["number"] for event in server.taken]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 29


def test_a_torn_line_is_passed_over(server, ship):
    record(ship.workspace, "e", number=1)
    with ship.workspace.telemetry.open("a") as file:
        file.write('{"torn\n[1]\n')
    record(ship.workspace, "e", number=2)
    with ship() as counts:
        until(lambda: counts.sent == 2)


def test_a_figure_that_json_does_not_know_holds_up_nothing(server, ship):
    record(ship.workspace, "e", number=float("nan"), other=[float("inf")])
    record(ship.workspace, "e", number=2)
    with ship() as counts:
        until(lambda: counts.sent == 2)
    assert [event["number"] for event in server.taken] == [None, 2]
    assert server.taken[0]["other"] == "[Infinity]"


def test_who_sends_nothing_loads_no_client():
    program = (
        "import sys, storage.telemetry.openobserve, storage.telemetry.shipping;"
        " sys.exit(int('httpx' in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_secrets_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    workspace = Workspace(tmp_path)
    record(workspace, "run_failed", error="wJalrXUtnFEMI at clickhouse://a:pa55word@db/x")
    (event,) = recorded(workspace, "run_failed")
    assert event["error"] == "*** at clickhouse://a:***@db/x"
    assert scrub("nothing here") == "nothing here"


@pytest.mark.parametrize(
    "url",
    [
        "openobserve://ann:pw@h/default/qraft",
        "openobserve://ann@h/default",
        "openobserve://h/default/qraft",
        "openobserve://ann@h/default/../x",
    ],
)
def test_urls_that_cannot_be_used(url):
    with pytest.raises(BadInput):
        parse_stream(url, {PASSWORD: "x"})


def test_without_its_password_it_is_named():
    with pytest.raises(BadInput, match=PASSWORD):
        parse_stream("openobserve://ann@h/default/qraft", {})
