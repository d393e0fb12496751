"""`kill -9` at any point of a research: no paid call is made again, no trial is lost or doubled.

The scripted server counts the calls, the ledger counts the trials.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from agent.research.journal import Journal
from agent.research.steps import RULES, steps_of
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tests.conftest import REPOSITORY
from tests.market import market
from tests.stand_ins.openai_http import Call, Reply, serving

WITHIN = 26
"""Events between two trials, about; a kill comes before one of them."""
ASKED_EVERY, LATE_EVERY = 5, 7
"""Of so many kills, one comes while the server has a call, and one after a while."""


class Killer:
    """A research that is forked from a warm process and killed, again and again."""

    def __init__(self, root):
        self.root, self.pid, self.on_request = root, 0, False
        self.kinds = Counter()
        market(1, symbols=3, days=150).write_csv(root / "prices.csv")

    def answer(self, asked):
        if self.on_request:
            os.kill(self.pid, signal.SIGKILL)
        (told,) = (m["content"] for m in asked.messages if m["role"] == "user")
        listed = json.loads(told.removeprefix("<data>\n").removesuffix("\n</data>"))["variants"]
        value = {"words": "It may be steadier.", "variant": listed[0]["id"]}
        return Reply(calls=(Call("propose_trial", value),))

    def run(self, warm, *, runs, at=None, after_s=None, on_request=False):
        self.on_request = False
        warm.stdin.write(json.dumps({"runs": runs, "at": at}) + "\n")
        warm.stdin.flush()
        self.pid = int(warm.stdout.readline())
        self.on_request = on_request
        if after_s is not None:
            time.sleep(after_s)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        return int(warm.stdout.readline())

    def journal(self):
        (path,) = (self.root / ".qraft" / "research").glob("*.jsonl")
        return Journal(path)

    def kill(self, server, kills):
        chance = random.Random(kills)
        command = [sys.executable, "-m", "tests.fault.kill_research", str(self.root), server.url]
        environment = os.environ | {"OPENAI_API_KEY": "sk-of-the-tests"}
        with subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as warm:  # fmt: skip
            assert self.run(warm, runs=1) == 0
            for number in range(kills):
                if number % ASKED_EVERY == 0:
                    kind, how = "asked", {"on_request": True}
                elif number % LATE_EVERY == 0:
                    kind, how = "late", {"after_s": chance.uniform(0.02, 0.4)}
                else:
                    kind, how = "event", {"at": chance.randint(1, WITHIN)}
                ended = self.run(warm, runs=1_000, **how)
                assert ended == -signal.SIGKILL, f"{kind} {how}: {ended}"
                self.kinds[kind] += 1
            tried = len(steps_of(self.journal()))
            assert self.run(warm, runs=tried + 2) == 0
            warm.stdin.close()


def check(killer, server):
    journal = killer.journal()
    steps = steps_of(journal)
    asked = [(line["number"], line["turn"]) for line in journal.of("asking")]
    requests = Counter(request.text for request in server.asked)
    assert max(requests.values()) == 1
    assert len(requests) <= len(asked) == len(set(asked))
    assert len(journal.of("answered")) <= len(requests)
    assert any(step.by != RULES for step in steps)
    ledger = Ledger(FolderObjects(killer.root / ".qraft" / "lake"))
    assert ledger.verify().problems == ()
    entries = ledger.entries()
    trials = [entry.body["run_id"] for entry in entries if entry.kind == "trial"]
    # What does not fit the data is refused before it is a trial.
    assert Counter(trials) == Counter(s.run_id for s in steps if s.run_id or not s.refusal)
    assert max(Counter(trials).values()) == 1
    assert [step.number for step in steps] == list(range(len(steps)))
    assert len({step.idea for step in steps}) == len(steps)
    told = {one["run_id"] for e in entries if e.kind == "outcome" for one in e.body["outcomes"]}
    assert told == set(trials)
    spending = (killer.root / ".qraft" / "models" / "spending.jsonl").read_text()
    assert spending.count("reserved_usd") >= len(requests)


def kill_and_check(root, kills):
    killer = Killer(root)
    with serving(killer.answer) as server:
        killer.kill(server, kills)
        check(killer, server)
    assert sum(killer.kinds.values()) == kills
    assert set(killer.kinds) >= {"asked", "event"}


def test_killed_a_few_times_no_call_is_paid_twice_and_no_trial_is_lost(tmp_path):
    kill_and_check(tmp_path, 6)


@pytest.mark.slow
def test_killed_fifty_times_no_call_is_paid_twice_and_no_trial_is_lost(tmp_path):
    kill_and_check(tmp_path, 54)
