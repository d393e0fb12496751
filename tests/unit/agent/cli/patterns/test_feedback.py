"""Ratings are kept, shown, outlive the warehouse, and change what is listed."""

from __future__ import annotations

import shutil

import pytest

from configs.errors import BadInput
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from taskspecs.catalogue import FOLDER


@pytest.fixture
def copy(unjudged_copy, terminal):
    return type(terminal)(unjudged_copy.workspace)


def test_a_workspace_without_runs_says_so(terminal):
    with pytest.raises(BadInput, match="no run to show"):
        terminal.call("patterns", "feedback", "3f", "--rating", "1")


def test_useless_detectors_are_held_to_more(copy):
    every = copy.workspace / "every.yaml"
    text = (FOLDER / "us_momentum.yaml").read_text()
    every.write_text(text + "\ndiscovery:\n  method: none\n")
    copy.call("run", str(every))
    before = copy.json("patterns", "list", "--limit", "1000")
    card = before[0]["card_id"]
    rated = [row for row in before if row["card_id"] == card][:4]
    for row in rated:
        said = copy.json(
            "patterns", "feedback", row["pattern_id"][:12], "--rating", "-1", "--comment", "no news"
        )
        assert (said["pattern"], said["verdict"]) == (row["pattern_id"], "useless")
    shown = copy.json("patterns", "show", rated[0]["pattern_id"])
    assert [(r["rating"], r["note"]) for r in shown["feedback"]] == [(-1, "no news")]
    page = copy.call("patterns", "list", "--limit", "1000")
    least = 1 - 2 / 6 * 0.1
    after = copy.json("patterns", "list", "--limit", "1000")
    assert after == [r for r in before if r["card_id"] != card or r["confidence"] >= least]
    assert (f"{least:.4f}" in page.stderr) == (len(after) < len(before))
    assert copy.json("patterns", "list", "--limit", "1000", "--all") == before


def test_ratings_outlive_the_warehouse(copy):
    every = [*copy.json("patterns", "list", "--all"), *copy.json("patterns", "list", "--withheld")]
    one = every[0]["pattern_id"]
    copy.call("patterns", "feedback", one, "--rating", "1")
    lake = copy.workspace / ".qraft" / "lake"
    assert Ledger(FolderObjects(lake)).entries("feedback")[-1].body["pattern_id"] == one
    shutil.rmtree(copy.workspace / ".qraft" / "warehouse")
    copy.call("run", "us_momentum")
    assert copy.json("patterns", "show", one)["feedback"][-1]["verdict"] == "useful"


@pytest.mark.parametrize("rating", ["2", "-2", "good"])
def test_there_are_three_ratings(copy, rating):
    with pytest.raises(Exception, match=r"range|valid"):
        copy.call("patterns", "feedback", "3f", "--rating", rating)
