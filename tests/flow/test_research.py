"""`qraft research` by the command line: killed, resumed, ranked, proposed, beside a placebo."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
import yaml

from agent.cli.context import Context
from tests.conftest import Shell
from tests.consent import agree_to_settings
from tests.stand_ins.openai_http import Call, Reply, serving

PROMPT = "60-day momentum since 2008"
WAIT_S = 120


def entries(shell, kind):
    return Context(str(shell.workspace)).ledger.entries(kind)


@pytest.mark.slow
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


def by_model(folder, server, usd):
    """A workspace whose model the server is."""
    price = {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 2.0}
    llm = {
        "model": "openai:scripted", "base_url": server.url, "max_retries": 0,
        "max_output_tokens": 500, "prices": {"openai:scripted": price}, "budget_usd": usd,
    }  # fmt: skip
    (folder / "qraft.yaml").write_text(yaml.safe_dump({"llm": llm}))
    agree_to_settings(folder)
    return Shell(folder, {"OPENAI_API_KEY": "sk-of-the-tests"})


@pytest.mark.slow
def test_ctrl_c_in_a_call_ends_with_the_notebook_and_the_same_command_goes_on(tmp_path):
    processes = []

    def choose(asked):
        if len(server.asked) == 3 and processes[-1].poll() is None:
            os.kill(processes[-1].pid, signal.SIGINT)
        (told,) = (m["content"] for m in asked.messages if m["role"] == "user")
        listed = json.loads(told.removeprefix("<data>\n").removesuffix("\n</data>"))["variants"]
        value = {"words": "It may be <b>steadier</b>.", "variant": listed[0]["id"]}
        return Reply(calls=(Call("propose_trial", value),))

    with serving(choose) as server:
        shell = by_model(tmp_path, server, usd=5.0)
        told = ("research", PROMPT, "--budget-runs", "5", "--budget-usd", "1", "--proposals", "0")
        processes.append(shell.start(*told, "--json"))
        stdout, stderr = processes[-1].communicate(timeout=WAIT_S)
        assert processes[-1].returncode == 0, stderr
        stopped = json.loads(stdout)
        assert "a person stopped it" in stopped["ended"]
        assert [each["by"] for each in sorted(stopped["ranked"], key=lambda r: r["trial"])] == [
            "rules", "openai:scripted", "openai:scripted",
        ]  # fmt: skip
        page = Path(stopped["notebook"]).with_suffix(".html").read_text(encoding="utf-8")
        assert "a person stopped it" in page
        assert "<b>" not in page
        found = shell.json(*told)
        assert len(server.asked) == 4
    assert len(found["ranked"]) == 5
    # The call that was interrupted may have been paid: it is not made again.
    assert [each["by"] for each in found["ranked"]].count("openai:scripted") == 3
    assert found["usage"]["calls"] == 3
    assert 0 < found["usage"]["usd"] < 1
    assert len(entries(shell, "trial")) == 5


def test_a_budget_without_a_price_is_refused_before_anything_is_tried(shell):
    (shell.workspace / "qraft.yaml").write_text("llm: {model: 'openai:scripted'}\n")
    done = shell.run("research", PROMPT, "--budget-usd", "1", exit_code=2)
    assert "price of openai:scripted" in done.stderr
    assert not (shell.workspace / ".qraft" / "lake").exists()
