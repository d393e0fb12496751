"""`qraft patterns` tells what the detectors found."""

from __future__ import annotations

import pytest

from configs.errors import BadInput


def listed(done, *arguments):
    return done.json("patterns", "list", "--limit", "1000", *arguments)


@pytest.fixture
def alarms(done):
    """All alarms of the demo's run; how many survive is for the data to say."""
    return listed(done) + listed(done, "--withheld")


def test_a_workspace_without_runs_says_so(terminal):
    with pytest.raises(BadInput, match="no run to show"):
        terminal.call("patterns", "list")
    with pytest.raises(BadInput, match="no run to show"):
        terminal.call("patterns", "show", "3f")


def test_filters_split_the_whole(done):
    everything = listed(done, "--withheld")
    ids = {row["pattern_id"] for row in everything}
    assert len(ids) == len(everything) > 10
    by_type = [
        listed(done, "--withheld", "--type", kind)
        for kind in ("drift", "anomaly", "cluster_change")
    ]
    assert sorted(row["pattern_id"] for rows in by_type for row in rows) == sorted(ids)
    symbols = {row["symbol"] or "market" for row in everything}
    assert "market" in symbols
    by_symbol = [listed(done, "--withheld", "--symbol", symbol) for symbol in symbols]
    assert sorted(row["pattern_id"] for rows in by_symbol for row in rows) == sorted(ids)


def test_the_newest_come_first_and_a_limit_says_what_it_left_out(done):
    everything = listed(done, "--withheld")
    assert [row["ts"] for row in everything] == sorted((r["ts"] for r in everything), reverse=True)
    page = done.call("patterns", "list", "--withheld", "--limit", "3")
    assert len(page.stdout.splitlines()) == len(["head", "rule"]) + 3
    assert max(map(len, page.stdout.splitlines())) <= 80
    assert f"{len(everything) - 3} more" in page.stderr


def test_what_was_withheld_is_counted_and_listed(done):
    kept, withheld = listed(done), listed(done, "--withheld")
    assert withheld
    assert not {row["pattern_id"] for row in kept} & {row["pattern_id"] for row in withheld}
    assert max(row["confidence"] for row in withheld) < 0.9
    assert all(row["confidence"] >= 0.9 for row in kept)
    page = done.call("patterns", "list")
    said = page.stdout + page.stderr
    counted = f"{len(withheld)} of {len(kept) + len(withheld)} alarms"
    assert (counted if kept else f"none of {len(withheld)} alarms") in said
    assert "--withheld" in said
    page = done.out("patterns", "show", withheld[0]["pattern_id"])
    assert "withheld" in page
    assert "per 1,000 bars" in page


def test_a_symbol_without_patterns_has_near_matches(done):
    with pytest.raises(BadInput, match="did you mean 'AAPL'"):
        done.call("patterns", "list", "--symbol", "APPL")


def test_a_pattern_is_found_by_the_beginning_of_its_id(done, alarms):
    first = alarms[0]
    told = done.json("patterns", "show", first["pattern_id"][:10])
    assert told["pattern_id"] == first["pattern_id"]
    assert told["runs"] == [done.json("runs", "list")[0]["run_id"]]
    assert all({"value", "unit"} == set(figure) for figure in told["new_state"].values())
    page = done.out("patterns", "show", first["pattern_id"])
    card = told["calibration"]
    assert card["null_bars"] > 10_000
    assert [row["size_std"] for row in card["responses"]] in ([0.5, 1, 2], [4, 8, 16])
    for words in (
        "per 1,000 bars",
        "noticed",
        "before",
        "after",
        "Settings",
        "confidence",
        first["source"][:20],
    ):
        assert words in page
    assert max(map(len, page.splitlines())) <= 80


def test_an_unknown_or_ambiguous_id_is_refused(done):
    with pytest.raises(BadInput, match="there is no pattern `zz`"):
        done.call("patterns", "show", "zz")
    with pytest.raises(BadInput, match="patterns begin with ``"):
        done.call("patterns", "show", "")
