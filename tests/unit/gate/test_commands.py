"""`qraft gate` by click, on a real ledger in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from configs.errors import BadInput, Damaged, Forbidden
from configs.workspace import Workspace
from gate.commands import gate
from storage.ledger import Ledger
from storage.objects import FolderObjects


@dataclass
class Opened:
    workspace: Workspace
    ledger: Ledger


@pytest.fixture
def opened(tmp_path, desk):
    desk.ledger = Ledger(FolderObjects(tmp_path / "lake"))
    desk.tries("r1", "study@aaa")
    desk.proposes("r1", "study@aaa", figures={"leak_clean": 1.0, "sharpe_t": None})
    return Opened(Workspace(tmp_path), desk.ledger)


def call(opened, *arguments):
    result = CliRunner().invoke(gate, arguments, obj=opened, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def test_the_list_as_table_and_as_json(opened):
    table = call(opened, "list").stdout
    assert "study@aaa" in table
    assert "1 of 6 for paper" in table
    (account,) = json.loads(call(opened, "list", "--json").stdout)
    assert {"strategy", "stage", "proposed", "checks"} <= account.keys()


def test_an_empty_ledger_is_an_empty_list(tmp_path):
    empty = Opened(Workspace(tmp_path), Ledger(FolderObjects(tmp_path / "lake")))
    assert json.loads(call(empty, "list", "--json").stdout) == []
    listed = call(empty, "list")
    assert listed.stdout == ""
    assert "qraft demo" in listed.stderr


def test_the_story_names_figures_rules_and_what_is_missing(opened):
    page = call(opened, "show", "study").stdout
    for words in ("Evidence", "Rules for paper", "would have to be true", "Ledger", "leak_clean"):
        assert words in page
    story = json.loads(call(opened, "show", "study", "--json").stdout)
    assert story["missing"]
    assert story["policy"].endswith("gate.yaml")


def test_the_workspaces_policy_decides(opened):
    (opened.workspace.root / "gate.yaml").write_text(
        "paper: {approvals: 7, rules: [{figure: leak_clean, at_least: 1, meaning: clean}]}\n"
        "live: {approvals: 9, rules: []}\n"
    )
    story = json.loads(call(opened, "show", "study", "--json").stdout)
    assert story["missing"] == ["approval by 7 people (no key is listed, so none can count)"]


def test_promotion_is_refused_and_logged(opened):
    with pytest.raises(Forbidden) as refused:
        call(opened, "promote", "study", "--to", "paper", "--reason", "why not")
    assert refused.value.exit_code == 3
    newest = json.loads(call(opened, "log", "--json").stdout)[-1]
    assert (newest["kind"], newest["body"]["reason"]) == ("check", "why not")


def test_the_log_is_filtered_and_limited(opened):
    kinds = [e["kind"] for e in json.loads(call(opened, "log", "--json").stdout)]
    assert kinds == ["trial", "proposal"]
    limited = call(opened, "log", "--limit", "1")
    assert "proposal" in limited.stdout
    assert "trial" not in limited.stdout
    assert "1 older" in limited.stderr
    only = json.loads(call(opened, "log", "--kind", "trial", "--json").stdout)
    assert [e["seq"] for e in only] == [1]
    with pytest.raises(BadInput, match="did you mean 'trial'"):
        call(opened, "log", "--kind", "trail")


def test_a_whole_ledger_is_whole_and_prints_a_head_to_keep(opened, desk):
    told = json.loads(call(opened, "verify", "--json").stdout)
    assert (told["ok"], told["entries"]) == (True, 2)
    desk.tries("r2")
    assert call(opened, "verify", "--head", told["head"]).exit_code == 0


def test_a_changed_entry_is_found(opened):
    path = opened.workspace.root / "lake" / "ledger" / "000000000001.json"
    path.write_bytes(path.read_bytes().replace(b"command", b"Command"))
    with pytest.raises(Damaged, match="damaged in 1 place"):
        call(opened, "verify")


def test_what_was_cut_off_is_missed_by_a_kept_head(opened):
    head = json.loads(call(opened, "verify", "--json").stdout)["head"]
    (opened.workspace.root / "lake" / "ledger" / "000000000002.json").unlink()
    assert call(opened, "verify").exit_code == 0
    with pytest.raises(Damaged):
        call(opened, "verify", "--head", head)
    with pytest.raises(BadInput, match="is not a head"):
        call(opened, "verify", "--head", "12")
