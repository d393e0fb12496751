"""A study backfilled: as of each month, each a trial, found done the second time."""

from __future__ import annotations

import pytest

from tests.flow.test_events import workspace

__all__ = ["workspace"]

pytestmark = pytest.mark.slow


def test_a_backfill_is_made_once_and_then_found(workspace):
    period = ("--from", "2020-02-01", "--to", "2020-03-31", "--every", "month")
    spec = workspace.workspace / "studies" / "first.yaml"
    first = workspace.json("run", str(spec), *period)
    assert [row["state"] for row in first["runs"]] == ["computed", "computed"]
    assert [row["as_of"] for row in first["runs"]] == [
        "2020-03-01T00:00:00+00:00", "2020-04-01T00:00:00+00:00"
    ]  # fmt: skip
    assert all(row["sharpe"] is not None for row in first["runs"])
    trials = [e for e in workspace.json("gate", "log") if e["kind"] == "trial"]
    assert [trial["body"]["road"] for trial in trials] == ["backfill"] * 2

    again = workspace.run("run", str(spec), *period[:3], "2020-04-30", *period[4:])
    assert again.stdout.count("found") == 2
    assert again.stdout.count("computed") == 1
    assert "3/3" in again.stderr

    early = workspace.run(
        "run", str(spec), "--from", "2019-01-01", "--to", "2019-12-31", "--every", "month",
        exit_code=2,
    )  # fmt: skip
    assert "9 of 12 were not come to" in early.stderr
    assert "no bar was known" in early.stderr
    assert "--to" in workspace.run("run", str(spec), "--from", "2019-01-01", exit_code=2).stderr
