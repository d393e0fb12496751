"""A person at a real terminal: a key is made, the policy lists it, and its passphrase signs."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from gate.approval.approvals import read_approval, signature_fits
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tests.conftest import REPOSITORY
from tests.office import Office

WORDS = "a few good words"
SIT_DOWN = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'agent.cli.main', *sys.argv[1:]])\n"
)
"""Makes the terminal the one that the process belongs to, then becomes the command."""
PATIENCE_S = 120.0


def typed(workspace, answers, *arguments):
    """Run a command at a terminal of its own, answering each question once it is asked."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SIT_DOWN, "-w", str(workspace), *arguments],
        cwd=REPOSITORY, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(workspace / "config"), "NO_COLOR": "1"},
    ) as process:  # fmt: skip
        os.close(slave)
        waiting = select.poll()
        waiting.register(master, select.POLLIN)
        shown, left, end = "", list(answers), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            ready = waiting.poll(200)
            try:
                shown += os.read(master, 4096).decode(errors="replace") if ready else ""
            except OSError:
                break  # the other side was closed
            if left and re.search(left[0][0], shown):
                os.write(master, f"{left.pop(0)[1]}\n".encode())
        process.wait(timeout=PATIENCE_S)
    os.close(master)
    return process.returncode, shown


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
