from __future__ import annotations

from dataclasses import replace

import polars as pl

from tasks.report.choice import choose_symbols


def test_all_when_there_is_room(study):
    assert choose_symbols(study) == ("AAPL", "FB", "GOOG", "IBM", "MSFT")


def test_most_held_and_most_patterns_take_turns(study):
    held = (
        study.positions["symbol"].value_counts().sort("count", "symbol", descending=[True, False])
    )
    patterns = study.patterns.filter(pl.col("symbol") == "GOOG")
    two = choose_symbols(replace(study, patterns=patterns), most=2)
    assert two == (held["symbol"][0], "GOOG")


def test_filled_up_in_order_of_names(study):
    bare = replace(study, positions=study.positions.clear(), patterns=study.patterns.clear())
    assert choose_symbols(bare, most=3) == ("AAPL", "FB", "GOOG")
