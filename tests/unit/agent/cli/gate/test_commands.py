"""`qraft gate` by click, on a real ledger in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from click import MissingParameter
from click.testing import CliRunner

from agent.cli.gate.root import gate
from configs.errors import BadInput, Damaged, Forbidden
from configs.workspace import Workspace
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tests.office import public_key

STUDY = "study@aaaaaaaaaaaa"
POLICY = f"""\
keys: {{ann: "{public_key("ann")}"}}
paper: {{approvals: 7, lasts_days: 3, checks: {{leak: 1}}}}
live: {{approvals: 9, lasts_days: 3, checks: {{}}}}
"""


@dataclass
class Opened:
    workspace: Workspace
    ledger: Ledger
    lake: Lake
    running: dict[str, str] = field(default_factory=dict)

    heard: list[int] = field(default_factory=list)

    def tell_promotions(self) -> None:
        self.heard.append(self.ledger.head().seq)

    def identify(self, run_id: str) -> dict[str, str]:
        return self.running

    def describe(self, run_id: str) -> dict[str, object]:
        return {"symbols": ["AAPL", "IBM"]}


@pytest.fixture
def opened(tmp_path, office, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = FolderObjects(tmp_path / "lake")
    office.store = store
    office.reopen()
    office.tries()
    office.proposes(figures={"leak_clean": 1.0, "bars": None})
    return Opened(Workspace(tmp_path), office.ledger, Lake(store), office.running)


def call(opened, *arguments):
    result = CliRunner().invoke(gate, arguments, obj=opened, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def told(opened, *arguments):
    return json.loads(call(opened, *arguments, "--json").stdout)


def test_the_list_as_table_and_as_json(opened):
    table = call(opened, "list").stdout
    assert STUDY in table
    assert " for paper" in table
    (account,) = told(opened, "list")
    assert {"strategy", "stage", "proposed", "checks"} <= account.keys()


def test_an_empty_ledger_is_an_empty_list(tmp_path):
    store = FolderObjects(tmp_path / "lake")
    empty = Opened(Workspace(tmp_path), Ledger(store), Lake(store))
    assert told(empty, "list") == []
    listed = call(empty, "list")
    assert listed.stdout == ""
    assert "qraft demo" in listed.stderr


def test_the_story_names_figures_checks_and_what_is_missing(opened):
    page = call(opened, "show", "study").stdout
    for words in ("Evidence", "Checks for paper", "would have to be true", "Ledger", "leak_clean"):
        assert words in page
    story = told(opened, "show", "study")
    assert story["missing"]
    assert story["policy"].endswith("gate.yaml, until the first approval takes it")


def test_check_tells_what_would_have_to_be_true(opened):
    page = call(opened, "check", "study").stdout
    assert "bars must be at least 500 bars, and is not known" in page
    assert told(opened, "check", "last")["missing"]
    with pytest.raises(BadInput, match="a decision names its strategy"):
        call(opened, "reject", "last", "--reason", "a decision names what it is about")


def test_the_workspaces_policy_decides(opened):
    (opened.workspace.root / "gate.yaml").write_text(POLICY)
    assert told(opened, "show", "study")["missing"] == [
        "signed approvals by 7 different people; 0 count",
        "keys of 7 people in the policy; 1 are",
    ]


def test_promotion_is_refused_and_logged(opened):
    with pytest.raises(Forbidden) as refused:
        call(opened, "promote", "study", "--to", "paper", "--reason", "why not")
    assert refused.value.exit_code == 3
    newest = told(opened, "log")[-1]
    assert (newest["kind"], newest["body"]["reason"]) == ("check", "why not")
    assert opened.heard == []


@pytest.mark.parametrize("command", ["approve", "reject", "promote", "demote", "halt", "resume"])
def test_every_decision_needs_a_reason(opened, command):
    to = ["--to", "paper"] if command == "promote" else []
    with pytest.raises(MissingParameter):
        call(opened, command, "study", *to)
    with pytest.raises(BadInput, match="needs a reason"):
        call(opened, "reject", "study", "--reason", "  ")
    assert [entry["kind"] for entry in told(opened, "log")] == ["trial", "proposal"]


def test_rejected_taken_up_again_and_retired(opened):
    assert "is at rejected" in call(opened, "reject", "study", "--reason", "no").stdout
    with pytest.raises(Forbidden, match="nothing to approve"):
        call(opened, "approve", "study", "--reason", "yes")
    assert "is at dryrun" in call(opened, "resume", "study", "--reason", "hm").stdout
    assert "is at retired" in call(opened, "retire", "study", "--reason", "done").stdout
    assert "no step leads up" in CliRunner().invoke(gate, ["check", "study"], obj=opened).stdout


@pytest.fixture
def typed(monkeypatch):
    """A person who types what they are asked to."""
    asked = []

    def ask(self, prompt):
        asked.append(prompt)
        return prompt.split()[1]

    monkeypatch.setattr("gate.deciding.terminal.ControllingTerminal.ask", ask)
    return asked


def test_everything_is_halted_also_with_a_policy_that_cannot_be_read(opened, typed):
    (opened.workspace.root / "gate.yaml").write_text("nonsense")
    assert "everything is halted" in call(opened, "halt", "--reason", "flash crash").stdout
    (opened.workspace.root / "gate.yaml").unlink()
    assert "everything is halted since" in call(opened, "list").stdout
    assert "all is halted by entry 3" in told(opened, "show", "study")["missing"][0]
    with pytest.raises(BadInput, match="write --all"):
        call(opened, "resume", "--reason", "over")
    call(opened, "resume", "--all", "--reason", "over")
    assert typed == ["type resume to go on: "]
    with pytest.raises(Forbidden, match="not everything is halted"):
        call(opened, "resume", "--all", "--reason", "over")


def test_without_a_terminal_nobody_approves_and_no_key_is_made(opened, monkeypatch):
    monkeypatch.setattr("gate.deciding.terminal.DEVICE", "/dev/null/none")
    for arguments in (
        ["approve", "study", "--reason", "yes", "--although-failing", "yes"],
        ["keys", "new", "ann"],
    ):
        with pytest.raises(Forbidden, match="a person at a terminal") as refused:
            call(opened, *arguments)
        assert refused.value.exit_code == 3
    assert told(opened, "keys", "list") == []


def test_keys_are_listed_with_whether_they_count(opened):
    (opened.workspace.root / "gate.yaml").write_text(POLICY)
    assert told(opened, "keys", "list") == [
        {"person": "ann", "listed": True, "here": False, "key": public_key("ann")}
    ]
    with pytest.raises(BadInput, match="cannot name a person"):
        call(opened, "keys", "new", "Ann")


def test_the_log_is_filtered_and_limited(opened):
    assert [e["kind"] for e in told(opened, "log")] == ["trial", "proposal"]
    limited = call(opened, "log", "--limit", "1")
    assert "proposal" in limited.stdout
    assert "trial" not in limited.stdout
    assert "1 older" in limited.stderr
    assert [e["seq"] for e in told(opened, "log", "--kind", "trial")] == [1]
    with pytest.raises(BadInput, match="did you mean 'trial'"):
        call(opened, "log", "--kind", "trail")


def test_a_whole_ledger_is_whole_and_prints_a_head_to_keep(opened, office):
    verdict = told(opened, "verify")
    assert (verdict["ok"], verdict["entries"]) == (True, 2)
    office.tries("r2")
    assert call(opened, "verify", "--head", verdict["head"]).exit_code == 0


def test_a_changed_entry_is_found(opened):
    path = opened.workspace.root / "lake" / "ledger" / "000000000001.json"
    path.write_bytes(path.read_bytes().replace(b"command", b"Command"))
    with pytest.raises(Damaged, match="damaged in 1 place"):
        call(opened, "verify")


def test_what_was_cut_off_is_missed_by_kept_heads(opened, tmp_path):
    kept = tmp_path / "heads.txt"
    first = str(opened.ledger.entries()[0].head)
    head = told(opened, "verify")["head"]
    kept.write_text(f"{first}\n{head}\n")
    assert call(opened, "verify", "--heads", str(kept)).exit_code == 0
    (opened.workspace.root / "lake" / "ledger" / "000000000002.json").unlink()
    for arguments in ([], ["--head", head], ["--heads", str(kept)]):
        with pytest.raises(Damaged):
            call(opened, "verify", *arguments)
    with pytest.raises(BadInput, match="is not a head"):
        call(opened, "verify", "--head", "12")
    with pytest.raises(BadInput, match="cannot be read as heads"):
        call(opened, "verify", "--heads", str(tmp_path / "none"))


def test_every_kept_head_is_looked_for(opened, tmp_path):
    kept = tmp_path / "heads.txt"
    head = told(opened, "verify")["head"]
    kept.write_text(f"1:{'0' * 64}\n{head}\n")  # the newest is there, an older one is not
    with pytest.raises(Damaged):
        call(opened, "verify", "--heads", str(kept))
