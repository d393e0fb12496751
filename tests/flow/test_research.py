"""`qraft research` by the command line: killed, resumed, ranked, proposed, beside a placebo."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from agent.cli.context import Context

PROMPT = "60-day momentum since 2008"
WAIT_S = 120


def entries(shell, kind):
    return Context(str(shell.workspace)).ledger.entries(kind)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_it_goes_on_and_every_trial_is_counted_once_and_first(shell):
    process = shell.start("research", PROMPT, "--budget-runs", "3", "--placebo")
    folder = shell.workspace / ".qraft" / "research"
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and process.poll() is None:
        if any('"step":"tried"' in path.read_text() for path in folder.glob("*.jsonl")):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    found = shell.json("research", PROMPT, "--budget-runs", "3", "--placebo")
    assert len(found["ranked"]) == len(found["placebo"]) == 3
    assert found["trials_on_these_data"] == 3
    trials = [entry.body["run_id"] for entry in entries(shell, "trial")]
    assert len(trials) == len(set(trials)) == 6
    outcomes = {
        one["run_id"]: entry.seq
        for entry in reversed(entries(shell, "outcome"))
        for one in entry.body["outcomes"]
    }
    for entry in entries(shell, "trial"):
        assert entry.seq < outcomes[entry.body["run_id"]]
    (proposal,) = entries(shell, "proposal")
    assert [proposal.body["strategy"]] == found["proposed"]
    assert proposal.body["stage"] == "dryrun"
    notebook = Path(found["notebook"]).read_text(encoding="utf-8")
    assert all(each["run_id"] in notebook for each in found["ranked"] + found["placebo"])
    again = shell.json("research", PROMPT, "--budget-runs", "3", "--placebo")
    assert again == found
    assert len(entries(shell, "trial")) == 6


def test_an_open_question_tries_nothing(shell):
    done = shell.run("research", "60-day momentum if VIX < 20", exit_code=2)
    assert "VIX" in done.stderr
    assert list(shell.workspace.iterdir()) == []
