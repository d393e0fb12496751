"""What a person types about keys, statements and bundles."""

from __future__ import annotations

import json

import pytest

from configs.errors import BadInput, Damaged, Failed
from gate.deciding.signing.ssh_agent import VARIABLE
from storage.lake.lake import Lake
from tests.unit.agent.cli.gate.test_commands import call, opened  # noqa: F401 - a fixture
from tests.unit.agent.cli.gate.test_commands import told as as_json
from tests.unit.gate.signing.test_ssh_agent import agent, key_of  # noqa: F401 - a fixture


@pytest.fixture
def live(opened, office):  # noqa: F811
    """The same office with a strategy at live."""
    office.figures = {**office.figures, "leak_clean": 1.0}
    office.proposes("r2")
    office.approves("ann")
    office.promotes("paper")
    office.approves("ann")
    opened.lake = Lake(office.store)
    return opened


def test_a_key_in_the_agent_is_added_and_listed(opened, agent):  # noqa: F811
    printed = call(opened, "keys", "add", "ann", "--ssh-agent", "ann@desk").stdout
    assert printed.strip() == f"ann: {key_of('ann@desk')}"
    (listed,) = [row for row in as_json(opened, "keys", "list") if row["here"]]
    assert listed["key"] == key_of("ann@desk")
    assert [entry.body["public"] for entry in opened.ledger.entries("key")] == [listed["key"]]
    with pytest.raises(BadInput, match="there is a key of ann already"):
        call(opened, "keys", "add", "ann", "--ssh-agent", "bob@desk")


def test_what_is_asked_of_keys_is_one_thing(opened, monkeypatch):  # noqa: F811
    for arguments in ([], ["--fido2", "--ssh-agent", "x"]):
        with pytest.raises(BadInput, match="one of them"):
            call(opened, "keys", "add", "ann", *arguments)
    with pytest.raises(BadInput, match="cannot name a person"):
        call(opened, "keys", "add", "Ann", "--fido2")
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(Failed, match="there is no ssh-agent"):
        call(opened, "keys", "add", "ann", "--ssh-agent", "x")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Failed, match="which is not installed"):
        call(opened, "keys", "add", "ann", "--fido2")
    assert opened.ledger.entries("key") == []


def test_statements_are_shown_as_they_were(live):
    shown = call(live, "show", "study", "--statement").stdout
    assert "confirmed, not signed by ann" in shown
    assert "signed (passphrase) by ann" in shown
    text = live.ledger.entries("approval")[-1].body["text"]
    assert all(line in shown for line in text.splitlines())
    verified = call(live, "verify").stdout
    assert all(line in verified for line in text.splitlines())
    given = as_json(live, "verify")["statements"]
    assert [one["fault"] for one in given] == [None, None]
    assert given[-1]["text"] == text
    assert as_json(live, "show", "study", "--statement") == given


def test_a_bundle_is_written_once_and_verified(live, tmp_path):
    file = str(tmp_path / "audit.tar")
    assert call(live, "export", "--out", file).stdout.strip() == file
    with pytest.raises(BadInput, match="is there already"):
        call(live, "export", "--out", file)
    with pytest.raises(BadInput, match=r"there is no folder|cannot be written"):
        call(live, "export", "--out", str(tmp_path / "none" / "audit.tar"))
    assert as_json(None, "verify", file, "--trust")["ok"]
    assert "all whole" in call(None, "verify", file, "--trust").stdout
    for wrong in ([], ["--trust", "--root", "x"]):
        with pytest.raises(BadInput, match="say whom to believe"):
            call(None, "verify", file, *wrong)
    with pytest.raises(BadInput, match="are of a bundle"):
        call(live, "verify", "--trust")
    with pytest.raises(BadInput, match="cannot be read"):
        call(None, "verify", str(tmp_path / "none.tar"), "--trust")
    raw = (tmp_path / "audit.tar").read_bytes()
    (tmp_path / "audit.tar").write_bytes(raw.replace(b"I read it", b"I saw it.", 1))
    with pytest.raises(Damaged, match="not to be relied on"):
        call(None, "verify", file, "--trust")
    assert json.dumps([path.name for path in tmp_path.glob(".audit*")]) == "[]"
