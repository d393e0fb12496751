"""`qraft doctor` finds what is wrong, says what mends it, changes nothing, and keeps secrets."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from agent.cli.main import cli
from configs.errors import Failed
from tests.consent import agree_to_settings


def findings(terminal):
    """Return what was found, by name, also where the command ends with an error."""
    where = ["--workspace", str(terminal.workspace)]
    result = CliRunner().invoke(cli, [*where, "doctor", "--json"], standalone_mode=False)
    if result.exception and not isinstance(result.exception, Failed):
        raise result.exception
    found = {row["what"]: row for row in json.loads(result.stdout)}
    wrong = [what for what, row in found.items() if row["state"] == "wrong"]
    assert bool(wrong) == bool(result.exception)
    return found


@pytest.fixture
def copy(done, tmp_path):
    shutil.copytree(done.workspace, tmp_path / "copy")
    return replace(done, workspace=tmp_path / "copy")


def test_a_new_workspace_is_well_and_stays_new(terminal):
    found = findings(terminal)
    assert {row["state"] for row in found.values()} == {"ok"}
    assert set(found) == {
        "python", "packages", "workspace", "settings", "lake", "results", "reports", "warehouse",
        "index", "ledger", "gate policy", "events", "inbox", "sources", "telemetry", "scheduler",
        "clock", "service", "disk",
    }  # fmt: skip
    assert list(terminal.workspace.iterdir()) == []


def test_a_used_workspace_is_well(done):
    found = findings(done)
    assert {row["state"] for row in found.values()} == {"ok"}
    assert "1 run" in found["warehouse"]["found"]
    assert found["reports"]["found"] == ".qraft/reports: 1 report"
    assert re.search(r": \d[\d.,]* [kM]B$", found["lake"]["found"])
    page = done.out("doctor")
    assert "To mend it" not in page
    assert max(map(len, page.splitlines())) <= 80


def test_a_torn_file_is_found_and_mended_by_what_is_said(copy):
    (equity,) = (copy.workspace / ".qraft/lake/report/backtest").glob("*/*-equity.parquet")
    equity.write_bytes(equity.read_bytes()[:100])
    result = findings(copy)["results"]
    assert result["state"] == "wrong"
    assert "report/backtest/" in result["found"]
    folder = copy.workspace / result["remedies"][0]["arguments"]["path"]
    assert folder == equity.parent
    shutil.rmtree(folder)
    assert findings(copy)["results"]["state"] == "ok"


def test_a_lost_file_and_a_torn_manifest_are_found(copy):
    (ic,) = (copy.workspace / ".qraft/lake/feature/signal").glob("*/*-ic.parquet")
    ic.unlink()
    (manifest,) = (copy.workspace / ".qraft/lake/refined/ingest").glob("*/manifest.json")
    manifest.write_bytes(b"{}")
    assert findings(copy)["results"]["found"].startswith("2 of ")


def test_what_a_stopped_run_left_is_told_and_is_well(copy):
    stray = copy.workspace / ".qraft/lake/report/backtest" / ("0" * 64) / "0-equity.parquet"
    stray.parent.mkdir()
    stray.write_bytes(b"half")
    result = findings(copy)["results"]
    assert result["state"] == "ok"
    assert "1 file that stopped runs left" in result["found"]


def test_a_changed_ledger_is_found(copy):
    entry = copy.workspace / ".qraft/lake/ledger/000000000001.json"
    entry.write_bytes(entry.read_bytes().replace(b"command", b"Command"))
    ledger = findings(copy)["ledger"]
    assert ledger["state"] == "wrong"
    assert "qraft gate verify" in ledger["mend"]


@pytest.mark.parametrize(
    ("text", "what", "found"),
    [
        ("lak: file://x\n", "settings", "qraft.yaml:1:1, key lak: unknown key `lak`"),
        ("index: faiss://ann:geheim@host\n", "index", "faiss://ann:***@host"),
        ("warehouse: duck://ann:geheim@db\n", "warehouse", "duck://ann:***@db"),
        ("lake: s4://key:geheim@host/bucket\n", "lake", "s4://key:***@host/bucket"),
        ("scheduler: http://ann:geheim@127.0.0.1:1\n", "scheduler", "http://ann:***@127.0.0.1:1"),
    ],
)  # fmt: skip
def test_bad_settings_are_found_and_secrets_are_kept(terminal, text, what, found):
    (terminal.workspace / "qraft.yaml").write_text(text)
    if what != "settings":  # what cannot be read names no host
        agree_to_settings(terminal.workspace)
    told = findings(terminal)
    assert told[what]["state"] == "wrong"
    assert found in told[what]["found"]
    assert told[what]["mend"] or told[what]["remedies"]
    assert "geheim" not in json.dumps(told)


def test_a_bad_policy_is_found(terminal):
    text = "paper: {approvals: 1, lasts_days: 3, checks: {}}\n"
    (terminal.workspace / "gate.yaml").write_text(text)
    assert "`live` is missing" in findings(terminal)["gate policy"]["found"]


def test_a_warehouse_in_use_is_no_illness(done, shell):
    import filelock

    from agent.checkup.finding import PATIENCE_S

    assert PATIENCE_S < 10
    with filelock.FileLock(done.workspace / ".qraft" / "warehouse.lock"):
        found = findings(done)
    assert found["warehouse"]["state"] == "note"
    assert "in use" in found["warehouse"]["found"]


def test_an_index_that_another_hand_changed_is_told_and_left_alone(copy):
    folder = copy.workspace / ".qraft" / "index"
    stored = folder / "collection" / "passages" / "storage.sqlite"
    stored.parent.mkdir(parents=True, exist_ok=True)
    stored.write_bytes(b"not Qdrant's")
    index = findings(copy)["index"]
    assert index["state"] == "note"
    assert "its next use makes it anew" in index["found"]
    assert stored.read_bytes() == b"not Qdrant's"


def test_servers_that_do_not_answer_are_found_with_what_mends_it(terminal, monkeypatch):
    monkeypatch.setenv("QRAFT_EVENTS", "nsq://127.0.0.1:9?lookupd=127.0.0.1:9")
    monkeypatch.setenv("QRAFT_TELEMETRY", "openobserve://ann@127.0.0.1:9/default/qraft")
    monkeypatch.setenv("QRAFT_WAREHOUSE", "clickhouse://127.0.0.1:9/qraft")
    monkeypatch.setenv("QRAFT_INDEX", "qdrant://127.0.0.1:9/passages")
    for secret in ("OPENOBSERVE_PASSWORD", "CLICKHOUSE_PASSWORD", "QDRANT_API_KEY"):
        monkeypatch.setenv(secret, "not-to-be-shown")
    found = findings(terminal)
    for what in ("events", "telemetry", "warehouse", "index"):
        assert found[what]["state"] == "wrong"
        assert "does not answer" in found[what]["found"]
        assert "scripts/servers up" in found[what]["mend"]
    assert "not-to-be-shown" not in json.dumps(found)


@pytest.mark.server
def test_a_bucket_that_is_not_there_is_found_and_made(terminal, servers, monkeypatch):
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value.replace("s3://qraft/", "s3://qraft-doctor/"))
    found = findings(terminal)
    lake = found["lake"]
    assert (lake["state"], lake["mend"]) == ("wrong", "qraft up --prepare")
    assert found["results"]["found"] == "there is no bucket qraft-doctor"  # no patience helps
    terminal.call("up", "--prepare")
    found = findings(terminal)
    assert found["lake"]["state"] == found["events"]["state"] == "ok"
