"""Alarms of many streams, selected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from tasks.detection.discovery.selection import BLOCK_BARS, Alarms, q_values, select
from taskspecs.discovery import DiscoverySpec

BARS = 4 * BLOCK_BARS


def alarms(*found: tuple[float, int, int], streams: int = 3) -> Alarms:
    """Alarms as (p-value, stream, time)."""
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    return Alarms(
        np.array(columns[0], dtype=float), np.array(columns[1], dtype=int),
        np.array(columns[2], dtype=int), tuple(np.arange(BARS) for _ in range(streams)),
    )  # fmt: skip


def spec(method: str, level: float = 0.1) -> DiscoverySpec:
    return DiscoverySpec(method=method, level=level)


@given(st.lists(st.floats(1e-9, 0.01), min_size=1, max_size=20), st.floats(0.01, 0.5))
def test_bh_tests_every_bar_of_every_stream(chances, level):
    some = alarms(*((p, n % 3, 7 * n) for n, p in enumerate(chances)))
    whole = np.ones(3 * BARS)
    whole[: len(chances)] = chances
    expected = multipletests(whole, alpha=level, method="fdr_bh")[0][: len(chances)]
    kept = select(some, spec("bh", level))
    assert (kept == expected).all()
    assert (kept == (q_values(some) <= level)).all()


@pytest.mark.parametrize("method", ["bh", "by", "lord", "saffron", "none"])
def test_no_alarms_no_patterns(method):
    assert select(alarms(), spec(method)).tolist() == []


def test_none_keeps_everything():
    assert select(alarms((1.0, 0, 0), (1e-9, 1, 5)), spec("none")).all()


def test_by_keeps_no_more_than_bh():
    some = alarms(*((p, 0, n) for n, p in enumerate(np.geomspace(1e-9, 1e-2, 50))))
    bh, by = select(some, spec("bh")), select(some, spec("by"))
    assert by.sum() < bh.sum()
    assert (bh | ~by).all()


@pytest.mark.parametrize("method", ["lord", "saffron"])
def test_online_decisions_do_not_know_the_future(method):
    early, late = (1e-7, 0, 10), (1e-7, 1, 3 * BLOCK_BARS + 1)
    middle = (2e-5, 2, BLOCK_BARS + 3)
    alone = select(alarms(early, middle), spec(method))
    with_late = select(alarms(early, middle, late), spec(method))
    assert with_late[:2].tolist() == alone.tolist()
    assert with_late[2]


def test_a_discovery_pays_for_later_ones():
    weak = (1.5e-6, 2, BLOCK_BARS + 3)
    assert not select(alarms(weak), spec("lord"))[0]
    assert select(alarms((1e-9, 0, 10), weak), spec("lord"))[1]
