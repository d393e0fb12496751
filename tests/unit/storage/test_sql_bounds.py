"""A query that asks for all time or all memory is ended, and says so."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from configs.errors import BadInput, Failed
from storage import sql
from tests.conftest import REPOSITORY

STUCK = """
import sys, os
from storage import sql
sql.TIME_S = sql.GRACE_S = 0.5
def give_up(error):
    print(error.what, flush=True)
    os._exit(1)
sql.query({}, sys.argv[1], on_stuck=give_up)
"""


def test_a_query_that_never_ends_is_interrupted(monkeypatch):
    monkeypatch.setattr(sql, "TIME_S", 0.5)
    with pytest.raises(Failed, match=r"more than 0\.5 s"):
        sql.query({}, "SELECT count(*) FROM range(10000000000) a, range(10000000) b")


def test_a_function_that_does_not_listen_is_given_up():
    """One call that builds two billion letters: the engine looks up only when it is done."""
    done = subprocess.run(
        [sys.executable, "-c", STUCK, "SELECT length(repeat('x', 2000000000)) FROM range(1000)"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "takes more than" in done.stdout or "memory" in done.stderr


def test_memory_that_no_bound_of_the_engines_counts_is_bounded(monkeypatch):
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(sql, "GROWTH_BYTES", 1 << 28)
    with pytest.raises(Failed, match="of memory"):
        sql.query({}, "SELECT string_agg(repeat('x', 1000000)) FROM range(5000)")
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.parametrize(
    "text", ["SELECT " + "(" * 5_000 + "1" + ")" * 5_000, "SELECT '\ud800'", "SELECT 1" * 100_000]
)
def test_what_cannot_be_read_is_an_error_in_words(text):
    with pytest.raises((BadInput, Failed)) as refused:
        sql.query({}, text)
    json.dumps(str(refused.value)).encode()
