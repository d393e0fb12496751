"""Patterns come in pages that leave none out, and one of them comes with its evidence."""

from __future__ import annotations

import pytest

from agent.service.patterns.listing import list_patterns
from agent.service.patterns.rating import rate_pattern
from agent.service.patterns.showing import bars_around, show_pattern
from agent.service.service import Service
from configs.errors import BadInput


@pytest.fixture(scope="module")
def alarms(asked):
    """All that the demo withheld: how many survive is for the data to say."""
    return list_patterns(asked, withheld=True, limit=100_000)


def test_pages_are_the_whole_in_its_order(asked, alarms):
    pages, after = [], None
    while True:
        page = list_patterns(asked, withheld=True, limit=7, after=after)
        pages += page.patterns
        assert page.more == len(alarms.patterns) - len(pages)
        after = page.next
        if after is None:
            break
    assert pages == alarms.patterns
    assert alarms.more == 0
    assert len(alarms.patterns) == alarms.withheld


def test_a_detector_and_a_symbol_can_be_asked_for(asked, alarms):
    one = alarms.patterns[0]
    found = list_patterns(
        asked, withheld=True, detector=one.detector, symbol=one.symbol or "market", limit=1_000
    )
    assert one in found.patterns
    assert {(each.detector, each.symbol) for each in found.patterns} == {(one.detector, one.symbol)}


@pytest.mark.parametrize("cursor", ["", "x", "12", "x.1", ".abc", "1e9.abc", "9" * 40 + ".abc"])
def test_what_is_no_cursor_is_refused(asked, cursor):
    with pytest.raises(BadInput, match="not the cursor"):
        list_patterns(asked, after=cursor)


def test_a_pattern_comes_with_its_calibration_and_the_bars_around_it(asked, alarms):
    one = next(each for each in alarms.patterns if each.symbol)
    told = show_pattern(asked, one.pattern_id)
    assert not told.kept
    assert told.calibration.card_id == one.card_id
    assert told.calibration.responses
    around = bars_around(asked, one.pattern_id, before=3, after=2)
    times = [bar["ts"] for bar in around.bars]
    assert times == sorted(times)
    assert one.ts in times
    assert times.index(one.ts) <= 3
    assert len(times) - 1 - times.index(one.ts) <= 2
    assert {bar["symbol"] for bar in around.bars} == {one.symbol}


def test_the_markets_own_bars_are_around_its_patterns(asked, alarms):
    one = next(each for each in alarms.patterns if each.symbol is None)
    around = bars_around(asked, one.pattern_id, before=1, after=1)
    assert "breadth" in around.bars[0]


def test_a_rating_is_kept_and_shown(demo_copy):
    with Service(str(demo_copy.workspace)) as service:
        one = list_patterns(service, withheld=True, limit=1).patterns[0]
        given = rate_pattern(service, one.pattern_id, rating=-1, comment="a split", actor="ann")
        assert given.verdict == "useless"
        (shown,) = show_pattern(service, one.pattern_id).feedback
        assert (shown.actor, shown.note, shown.rating) == ("ann", "a split", -1)
        with pytest.raises(BadInput, match="no pattern"):
            rate_pattern(service, "zzzz", rating=1, actor="ann")
