"""What ships for servers: Docker's compose file, OpenObserve's dashboard and alerts."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client import generate_latest

from agent.road.clock.page import Page
from agent.road.clock.standing import Standing
from agent.road.runner.metrics import Measured
from agent.road.runner.state_metrics import StateMetrics
from agent.road.runner.worker import Answer
from agent.road.supervision.health import Health, Stores
from configs.settings import Settings
from storage.buckets.setup import QUEUE
from storage.buckets.store import KEY, SECRET, parse_bucket
from storage.events.envelope import FILES
from storage.events.nsq.address import parse_address
from storage.telemetry.lines import record
from storage.telemetry.openobserve import PASSWORD as OPENOBSERVE_PASSWORD
from storage.warehouse.server import PASSWORD as CLICKHOUSE_PASSWORD
from storage.warehouse.server import parse_server
from taskspecs.rerunning import ScheduleSpec

NOW = datetime(2024, 1, 1, tzinfo=UTC)
CONFIGS = Path(__file__).parents[3] / "configs"
COMPOSE = yaml.safe_load((CONFIGS / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
EXAMPLE = dict(
    line.lstrip("# ").split("=", 1)
    for line in (CONFIGS / "compose.env.example").read_text().splitlines()
    if re.match(r"(# )?[A-Z_]+=", line)
)


def published(service: str) -> dict[int, str]:
    """Return the ports of a service, each with the address at which it is bound."""
    ports = [entry.rsplit(":", 2) for entry in SERVICES[service].get("ports", [])]
    return {int(outside): host for host, outside, _ in ports}


def test_the_servers_are_those_of_the_settings():
    assert set(SERVICES) == {
        "nsqlookupd", "nsqd", "nsqadmin", "minio", "clickhouse", "qdrant", "openobserve", "luigid"
    }  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_a_server_is_reached_from_this_machine_alone_and_looked_after(service):
    assert set(published(service).values()) == {"127.0.0.1"}
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert "healthcheck" in SERVICES[service] or service == "openobserve"
    for volume in SERVICES[service].get("volumes", []):
        name = volume.split(":")[0]
        assert name in COMPOSE["volumes"] or (CONFIGS / name).is_file()
    for needed in SERVICES[service].get("depends_on", {}):
        assert "healthcheck" in SERVICES[needed]


def test_no_secret_has_a_default():
    text = (CONFIGS / "compose.yaml").read_text()
    asked = re.findall(r"\$\{(\w+)(.*?)\}", text)
    assert {name for name, _ in asked} == {
        KEY, SECRET, CLICKHOUSE_PASSWORD, OPENOBSERVE_PASSWORD, "OPENOBSERVE_USER", "QDRANT_API_KEY"
    }  # fmt: skip
    assert {default for _, default in asked} == {":?set it in .env"}
    assert {EXAMPLE[name] for name, _ in asked} == {""}


def test_the_example_names_what_the_servers_publish():
    Settings.model_validate(
        {n.removeprefix("QRAFT_").lower(): v for n, v in EXAMPLE.items() if n.startswith("QRAFT_")}
    )
    lake = parse_bucket(EXAMPLE["QRAFT_LAKE"])
    assert urlsplit(lake.endpoint).port in published("minio")
    server = parse_server(EXAMPLE["QRAFT_WAREHOUSE"], {})
    environment = SERVICES["clickhouse"]["environment"]
    assert server.port in published("clickhouse")
    assert (server.user, server.database) == (
        environment["CLICKHOUSE_USER"], environment["CLICKHOUSE_DB"]
    )  # fmt: skip
    events = parse_address(EXAMPLE["QRAFT_EVENTS"])
    assert [port in published("nsqd") for _, port in events.nsqd] == [True]
    assert [port in published("nsqlookupd") for _, port in events.lookupd] == [True]
    assert urlsplit(EXAMPLE["QRAFT_INDEX"]).port in published("qdrant")
    assert urlsplit(EXAMPLE["QRAFT_SCHEDULER"]).port in published("luigid")
    assert urlsplit(EXAMPLE["QRAFT_TELEMETRY"]).port in published("openobserve")


def test_minio_tells_nsq_of_files_as_the_bucket_asks():
    environment = SERVICES["minio"]["environment"]
    target = QUEUE.split(":")[4]
    assert environment[f"MINIO_NOTIFY_NSQ_ENABLE_{target}"] == "on"
    assert environment[f"MINIO_NOTIFY_NSQ_TOPIC_{target}"] == FILES
    host, port = environment[f"MINIO_NOTIFY_NSQ_NSQD_ADDRESS_{target}"].split(":")
    assert host in SERVICES
    assert int(port) in published(host)


FIELDS = {
    "event", "level", "at", "study", "run_id", "stage", "key", "road", "seconds", "rows", "bytes",
    "computed", "found", "error", "peak_memory_bytes", "_timestamp",
}  # fmt: skip
"""What our events have; nothing else can be asked for."""
WORDS = {
    "select", "from", "where", "group", "by", "order", "having", "as", "and", "case", "when",
    "then", "else", "end", "desc", "limit", "count", "avg", "sum", "max", "histogram",
    "approx_percentile_cont", "qraft",
}  # fmt: skip


def unknown(sql: str) -> set[str]:
    """Return the words of a query that are neither SQL, nor fields, nor names it gives itself."""
    bare = re.sub(r"'[^']*'", "", sql)
    names = set(re.findall(r"\bAS (\w+)", bare))
    words = set(re.findall(r"\b[A-Za-z_]\w*", bare))
    return {word for word in words if word.lower() not in WORDS} - names - FIELDS


def test_our_events_have_those_fields():
    root = Path(record.__code__.co_filename).parents[2]
    source = "\n".join(
        (root / "tasks" / name).read_text() for name in ("runs/run.py", "dag/stage.py")
    )
    own = {"_timestamp", "event", "level", "at"}
    assert all(re.search(rf"\b{field}=", source) for field in FIELDS - own)


def test_the_dashboard_asks_for_what_our_events_have():
    dashboard = json.loads((CONFIGS / "openobserve" / "dashboard.json").read_text())
    assert dashboard["version"] == 5
    panels = [panel for tab in dashboard["tabs"] for panel in tab["panels"]]
    assert len({panel["id"] for panel in panels}) == len(panels) >= 8
    for panel in panels:
        (query,) = panel["queries"]
        assert unknown(query["query"]) == set()
        axes = [axis["alias"] for part in ("x", "y", "breakdown") for axis in query["fields"][part]]
        assert all(re.search(rf"\b{alias}\b", query["query"]) for alias in axes)
        assert panel["layout"]["x"] + panel["layout"]["w"] <= 192


def test_the_alerts_ask_for_what_our_events_have():
    alerts = json.loads((CONFIGS / "openobserve" / "alerts.json").read_text())
    for alert in alerts:
        assert unknown(alert["query_condition"]["sql"]) == set()
        assert not set(alert["name"]) & set(": #?'\"%&/")  # OpenObserve refuses these in a name
        assert alert["trigger_condition"]["threshold"] >= 1
        assert alert["destinations"]


RULES = CONFIGS / "prometheus" / "alerts.yaml"


def served_names() -> set[str]:
    """Return the names of the figures that `qraft up` serves."""
    state = SimpleNamespace(
        waiting=1, running=0, dead={"failed": 2}, oldest_waiting_s=3.0, last_success={"s": 1.0},
        failing={"s": 1}, untold=0, listeners=1, last_round_s=0.1, connected=True,
    )  # fmt: skip
    page = Page(study="s", done_until=NOW).succeeded(NOW, "r", NOW)
    standing = Standing("s", ScheduleSpec(cron="0 * * * *"), page, (NOW,), "")
    runs = Measured(SimpleNamespace(submit=lambda _: done_future()))
    runs.registry.register(
        StateMetrics(Health(Stores({"lake": str})), lambda: [standing], lambda: state)
    )
    runs.submit(SimpleNamespace(road="clock"))
    return {
        line.split("{")[0].split()[0]
        for line in generate_latest(runs.registry).decode().splitlines()
        if not line.startswith("#")
    }


def done_future() -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(Answer(0))
    return future


def test_the_alerts_of_prometheus_ask_for_what_is_served():
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    asked = {name for rule in group["rules"] for name in re.findall(r"qraft_\w+", rule["expr"])}
    # A part's figures have no line while there is no part.
    assert asked - served_names() <= {"qraft_part_alive", "qraft_part_crash_loop"}
    source = inspect.getsource(StateMetrics)
    assert all(name in source for name in asked - served_names())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_prometheus_takes_the_rules():
    configuration = RULES.with_name("prometheus.yaml")
    subprocess.run(["promtool", "check", "config", configuration], check=True, capture_output=True)


def test_luigid_keeps_its_history():
    text = (CONFIGS / "luigid.cfg").read_text()
    days = float(re.search(r"remove_delay: (\d+)", text)[1]) / 86_400
    assert days >= 7
    assert (
        SERVICES["luigid"]["environment"]["LUIGI_CONFIG_PATH"] in SERVICES["luigid"]["volumes"][0]
    )
