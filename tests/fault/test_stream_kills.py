"""Kill -9 of a live source's processes at random points: nothing lost, nothing twice."""

from __future__ import annotations

import os

import pytest

from tests.fault.kill_streams import kill_streams

KILLS = int(os.environ.get("QRAFT_STREAM_KILLS", "12"))


def test_a_killed_source_goes_on_where_it_was(tmp_path):
    kill_streams(tmp_path, 2, seed=1, projector=False)


@pytest.mark.slow
def test_kills_lose_nothing_and_double_nothing(tmp_path):
    kill_streams(tmp_path, KILLS, seed=2, projector=True)
