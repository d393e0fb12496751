import os
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from configs.errors import Busy, Failed
from storage.warehouse.chdb import open_chdb

ROOT = Path(__file__).parents[4]
ONE = pl.DataFrame({"name": ["m"], "value": [1.0], "unit": ["ratio"], "note": [""]})
COUNT = "SELECT count() AS n FROM metrics"


def test_folders_take_turns_in_one_process(tmp_path):
    for name, rows in (("a", 1), ("b", 0), ("a", 1), ("b", 0)):
        with open_chdb(tmp_path / name, lock_timeout_s=5) as warehouse:
            if name == "a":
                warehouse.replace("metrics", "r1", ONE)
            assert warehouse.rows(COUNT) == [{"n": rows}]


def test_threads_take_turns(tmp_path):
    def load(number: int) -> None:
        with open_chdb(tmp_path / f"w{number % 2}", lock_timeout_s=60) as warehouse:
            warehouse.replace("metrics", f"r{number}", ONE)

    threads = [threading.Thread(target=load, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in ("w0", "w1"):
        with open_chdb(tmp_path / name, lock_timeout_s=5) as warehouse:
            assert warehouse.rows(COUNT) == [{"n": 3}]


def test_opened_twice_at_once_says_busy(tmp_path):
    with (
        open_chdb(tmp_path / "w", lock_timeout_s=5),
        pytest.raises(Busy, match="the warehouse"),
        open_chdb(tmp_path / "w", lock_timeout_s=0.1),
    ):
        pytest.fail("opened twice")


def test_an_error_inside_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), open_chdb(tmp_path / "w", lock_timeout_s=5):
        raise ZeroDivisionError
    with open_chdb(tmp_path / "w", lock_timeout_s=0.5) as warehouse:
        assert warehouse.rows(COUNT) == [{"n": 0}]


def test_folders_on_the_way_are_made_and_odd_names_are_names(tmp_path):
    folder = tmp_path / "deep er" / "it's [ö]"
    with open_chdb(folder, lock_timeout_s=5) as warehouse:
        assert warehouse.rows(COUNT) == [{"n": 0}]
    assert folder.is_dir()


def test_a_folder_that_is_no_warehouse_is_said_kindly(tmp_path):
    (tmp_path / "w").write_text("a file")
    with (
        pytest.raises(Failed, match="cannot be opened"),
        open_chdb(tmp_path / "w", lock_timeout_s=5),
    ):
        pytest.fail("opened")


LOADER = """
import sys
from pathlib import Path
import polars as pl
from storage.warehouse.chdb import open_chdb
one = pl.DataFrame({"name": ["m"], "value": [1.0], "unit": ["ratio"], "note": [""]})
for n in range(10):
    with open_chdb(Path(sys.argv[1]), lock_timeout_s=120) as warehouse:
        warehouse.replace("metrics", f"{sys.argv[2]}{n}", one)
"""


def test_processes_take_turns(tmp_path):
    loaders = [
        subprocess.Popen([sys.executable, "-c", LOADER, str(tmp_path / "w"), name], cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    assert [loader.wait(120) for loader in loaders] == [0, 0, 0]
    with open_chdb(tmp_path / "w", lock_timeout_s=5) as warehouse:
        assert warehouse.rows(COUNT) == [{"n": 30}]


FORKER = """
import os, sys
from pathlib import Path
from configs.errors import Failed
from storage.warehouse.chdb import open_chdb
folder = Path(sys.argv[1])
with open_chdb(folder, lock_timeout_s=5):
    pass
child = os.fork()
if child == 0:
    try:
        with open_chdb(folder, lock_timeout_s=5):
            os._exit(1)
    except Failed as error:
        os._exit(0 if "forked" in str(error) else 2)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_is_refused_instead_of_hanging(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", FORKER, str(tmp_path / "w")]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0
