"""A person at a real terminal: a key is made, the policy lists it, and its passphrase signs."""

from __future__ import annotations

import os
import re

import pytest

from gate.approval.approvals import read_approval, signature_fits
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tests.conftest import REPOSITORY
from tests.office import Office
from tests.terminal import typed

WORDS = "a few good words"


@pytest.fixture
def workspace(tmp_path):
    office = Office(store=FolderObjects(tmp_path / ".qraft" / "lake"))
    office.proposes()
    return tmp_path


@pytest.mark.slow
def test_a_key_is_made_and_its_passphrase_is_not_shown(workspace):
    code, shown = typed(
        workspace, [("passphrase for the key of ann", WORDS), ("the same again", WORDS)],
        "gate", "keys", "new", "ann",
    )  # fmt: skip
    assert code == 0, shown
    assert WORDS not in shown
    (public,) = re.findall(r"ann: (ed25519:\S+)", shown)
    code, shown = typed(workspace, [], "gate", "keys", "list", "--json")
    assert public in shown
    differ = [("passphrase for the key of bob", WORDS), ("the same again", "something else")]
    code, shown = typed(workspace, differ, "gate", "keys", "new", "bob")
    assert (code, "differ" in shown) == (2, True)


@pytest.mark.slow
def test_the_passphrase_signs_and_a_wrong_one_does_not(workspace, monkeypatch):
    from gate.deciding.keyring import Keyring

    key = Keyring(workspace / "config" / "qraft" / "keys").make("ann", WORDS)
    (workspace / "gate.yaml").write_text(
        f"keys: {{ann: '{key.public}'}}\n"
        "paper: {approvals: 1, lasts_days: 3, checks: {leak: 1}}\n"
        "live: {approvals: 1, lasts_days: 3, checks: {}}\n"
    )
    # The run of this proposal is not in the lake, so what it would be now is told here.
    hook = workspace / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import agent.cli.context as context\n"
        f"context.Context.identify = lambda self, run: {Office().running!r}\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{hook}{os.pathsep}{REPOSITORY}")
    approve = ["gate", "approve", "study", "--reason", "I read it"]
    code, shown = typed(workspace, [("passphrase of ann", "something else")], *approve)
    assert (code, "does not open" in shown) == (3, True), shown
    code, shown = typed(workspace, [("passphrase of ann", WORDS)], *approve)
    assert code == 0, shown
    assert WORDS not in shown
    ledger = Ledger(FolderObjects(workspace / ".qraft" / "lake"))
    (entry,) = ledger.entries("approval")
    given = read_approval(entry)
    assert given is not None
    assert signature_fits(key.public, given.signature, given.statement.to_bytes())
