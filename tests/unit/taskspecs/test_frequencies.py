"""The table of frequencies is whole."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

from taskspecs.frequencies import FINEST_FIRST, FREQUENCIES, MINUTES, Frequency


def test_every_frequency_is_in_the_table_the_finest_first():
    assert get_args(Frequency) == FINEST_FIRST
    assert all(a.distance < b.distance for a, b in pairwise(FREQUENCIES.values()))
    assert MINUTES == {"1min": 1, "5min": 5, "15min": 15, "30min": 30, "1h": 60}


def test_no_spelling_means_two():
    told = [word for name, bars in FREQUENCIES.items() for word in (name, *bars.spellings)]
    assert len(set(told)) == len(told)
    assert all(word == word.lower() for word in told)
