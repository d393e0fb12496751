import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from configs.errors import Busy
from storage.locks import hold

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from storage.locks import hold
with hold(Path(sys.argv[1]), what="the thing", timeout_s=5):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold_elsewhere(path: Path, seconds: float) -> subprocess.Popen:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_free_lock_is_taken_without_a_word(tmp_path):
    notices = []
    for _ in range(2):
        with hold(tmp_path / "lock", what="the thing", timeout_s=1, on_wait=notices.append):
            pass
    assert notices == []


def test_another_process_is_waited_for_with_one_notice(tmp_path):
    notices = []
    with (
        hold_elsewhere(tmp_path / "lock", 0.3) as holder,
        hold(tmp_path / "lock", what="the thing", timeout_s=30, on_wait=notices.append),
    ):
        assert holder.wait(10) == 0
    assert notices == ["another qraft command is using the thing, waiting"]


def test_whoever_waits_too_long_is_told_what_to_do(tmp_path):
    with hold_elsewhere(tmp_path / "lock", 60) as holder:
        began = time.monotonic()
        with (
            pytest.raises(Busy, match=r"the thing is still used .* 0\.2 s") as caught,
            hold(tmp_path / "lock", what="the thing", timeout_s=0.2),
        ):
            pytest.fail("held twice")
        assert time.monotonic() - began < 10
        assert "QRAFT_WAIT_S" in caught.value.hint
        holder.kill()


def test_a_killed_process_lets_go(tmp_path):
    with hold_elsewhere(tmp_path / "lock", 60) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with hold(tmp_path / "lock", what="the thing", timeout_s=5):
            pass


def test_an_error_inside_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(tmp_path / "lock", what="x", timeout_s=1):
        raise ZeroDivisionError
    with hold(tmp_path / "lock", what="x", timeout_s=0.1):
        pass
