"""A worker that is killed is answered at once, as a crash, and harms no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from agent.road.runner.pool import RunPool
from agent.road.runner.worker import Answer, Request, kind_of
from configs.errors import BadInput, Busy, Failed, Forbidden, Unreachable


def act(request: Request) -> Answer:
    """Do what the spec says, in a worker."""
    what, _, argument = request.spec.partition(":")
    if what == "die":
        os.kill(os.getpid(), int(argument))
    if what == "leave a child":  # which holds on to all that it inherited
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(90)"], close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "sleep":
        time.sleep(float(argument))
    if what == "exit":
        os._exit(0)
    return Answer(0, run_id=str(os.getpid()))


def ask(pool: RunPool, spec: str):
    return pool.submit(Request(".", spec, "event"))


@pytest.fixture(scope="module")
def pool():
    with RunPool(2, act) as opened:
        yield opened


@pytest.mark.parametrize("spec", [f"die:{signal.SIGKILL}", "leave a child", "exit"])
def test_a_process_that_ends_is_a_crash_and_the_others_go_on(pool, spec):
    other = ask(pool, "sleep:1")
    crashed = ask(pool, spec).result(timeout=60)
    assert (crashed.exit_code, crashed.kind) == (1, "crashed")
    assert "ended with" in crashed.error
    assert other.result(timeout=60).exit_code == 0
    assert ask(pool, "").result(timeout=60).exit_code == 0


def test_a_process_that_was_killed_while_it_was_idle_is_asked_nothing(pool):
    pids = {ask(pool, "sleep:0.2").result(timeout=60).run_id for _ in range(4)}
    for pid in pids:
        os.kill(int(pid), signal.SIGKILL)
    time.sleep(0.2)
    answers = [ask(pool, "").result(timeout=60) for _ in range(2)]
    assert [answer.exit_code for answer in answers] == [0, 0]
    assert not {answer.run_id for answer in answers} & pids


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadInput("x"), "bad_input"),
        (Forbidden("x"), "forbidden"),
        (Failed("x"), "failed"),
        (Unreachable("x"), "unreachable"),
        (Busy("x"), "unreachable"),
        (ValueError("x"), "failed"),
        (TimeoutError(), "unreachable"),
        (caused(Failed("x"), ConnectionResetError()), "unreachable"),
        (caused(Failed("x"), caused(ValueError(), Unreachable("x"))), "unreachable"),
        (caused(BadInput("x"), ConnectionResetError()), "bad_input"),
    ],
)
def test_how_a_run_failed_is_told_by_what_caused_it(error, kind):
    assert kind_of(error) == kind
