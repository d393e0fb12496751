"""Order: holes, repeats, histories, lost lines; what is held is bounded."""

from __future__ import annotations

import json

import pytest

from storage.journal.record import Kind, Record
from tasks.streams.flow import Flow
from tasks.streams.order import ordering
from tasks.streams.order.gaps import Want
from tasks.streams.outputs import put_together
from tests.streaming import SECOND_US, PlainDecoder, make_decoder, message, records, source, trades


def flow(**order) -> Flow:
    spec = source(order={"step": 1, **order}, bars={"every": "10s"})
    return Flow(spec, PlainDecoder(), make_decoder)


def one_symbol(count: int, **settings):
    return trades(count, symbols=1, **settings)


def history(made, *, symbol: str = "S0", more: bool = False) -> bytes:
    answer = json.dumps([json.loads(message(one)) for one in made])
    return json.dumps({"asked": {"symbol": symbol}, "answer": answer, "more": more}).encode()


def states(out) -> list[tuple[int, int, str]]:
    return [(gap.first, gap.last, gap.state) for gap in out.gaps]


def test_a_hole_is_told_and_told_again_when_it_is_filled() -> None:
    made = one_symbol(60)
    hole, rest = made[30:33], made[:30] + made[33:35]
    running = flow(gap={"wait_ms": 500})
    first = running.push(records(rest))
    assert states(first) == []
    filled = running.push(
        [Record(records(rest)[-1].arrival_us + 600_000, Kind.RAW, message(one)) for one in hole]
    )
    assert states(filled) == [(31, 33, "missing"), (31, 33, "filled")]
    numbers = [one.sequence for one in first.events + filled.events]
    assert numbers == sorted(numbers) == list(range(1, 36))


def test_a_hole_that_stays_is_given_up_once_and_what_comes_then_is_late() -> None:
    made = one_symbol(60)
    out = flow().push(records(made[:30] + made[33:]))
    assert states(out) == [(31, 33, "missing"), (31, 33, "given_up")]
    assert [one.sequence for one in out.events] == [*range(1, 31), *range(34, 61)]
    again = records(made[:30] + made[33:] + [made[31], made[10]])
    out = flow().push(again)
    assert (out.late, out.drops["repeated"]) == (1, 1)


def test_with_a_history_bars_wait_for_its_answer() -> None:
    made = one_symbol(200)
    before, hole, behind = made[:30], made[30:130], made[130:]  # forty seconds of nothing
    running = flow(gap={"fill": "history", "wait_ms": 100})
    out = running.push(records(before + behind))
    assert out.wants == [Want("S0", 31, 130, before[-1].ts_us, behind[0].ts_us)]
    assert out.watermark_us <= before[-1].ts_us
    arrival = records(made)[-1].arrival_us
    pages = [(hole[:60], True), (hole[60:], False)]
    answers = [Record(arrival, Kind.HISTORY, history(part, more=more)) for part, more in pages]
    filled = running.push(answers)
    assert filled.late == 0
    assert states(filled) == [(31, 130, "filled")]
    assert [one.sequence for one in out.events + filled.events] == list(range(1, 201))
    whole = flow().push(records(made))
    assert put_together([out, filled]).bars.equals(whole.bars)


@pytest.mark.parametrize("said", [history([]), b"{", b"\xff", history(one_symbol(3)), b"[]"])
def test_a_history_that_does_not_help_is_not_waited_for(said: bytes) -> None:
    made = one_symbol(200)
    running = flow(gap={"fill": "history", "wait_ms": 100})
    running.push(records(made[:30] + made[130:]))
    arrival = records(made)[-1].arrival_us
    out = running.push([Record(arrival, Kind.HISTORY, said)])
    assert states(out) == [(31, 130, "given_up")]
    assert out.events[-1].sequence == 200


def test_nobody_waits_for_ever() -> None:
    made = one_symbol(200)
    running = flow(gap={"fill": "history", "patience_ms": 5_000})
    behind = records(made[:30] + made[130:132])
    assert states(running.push(behind)) == []
    arrival = behind[-1].arrival_us + 1 * SECOND_US
    assert states(running.push([Record(arrival, Kind.TICK, b"")])) == [(31, 130, "missing")]
    out = running.push([Record(arrival + 6 * SECOND_US, Kind.TICK, b"")])
    assert states(out) == [(31, 130, "given_up")]


def test_a_lost_line_is_a_gap_of_a_source_without_numbers() -> None:
    made = one_symbol(100, numbered=False)
    spec = source(order={"gap": {"fill": "history"}}, bars={"every": "10s"})
    running = Flow(spec, PlainDecoder(), make_decoder)
    coming = records(made)
    lost, back = coming[39].arrival_us + 1, coming[60].arrival_us - 1
    first = running.push([
        *coming[:40], Record(lost, Kind.CLOSED, b"{}"), Record(back, Kind.OPENED, b"{}"),
        *coming[60:],
    ])  # fmt: skip
    assert first.wants == [Want("", -1, -1, made[39].ts_us, back)]
    assert [gap.state for gap in first.gaps] == ["line"]
    answer = Record(coming[-1].arrival_us, Kind.HISTORY, history(made[38:62], symbol=""))
    filled = running.push([answer])
    assert filled.late == 0
    then = running.finish()
    got = first.events + filled.events + then.events
    assert [one.ts_us for one in got if one.sequence < 0].count(made[50].ts_us) == 1


def test_numbers_that_begin_anew_are_followed() -> None:
    made = one_symbol(120)
    again = [one.__class__(one.symbol, one.ts_us, 0, one.price, one.size, place)
             for place, one in enumerate(made[60:], start=1)]  # fmt: skip
    out = flow().push(records(made[:60] + again))
    assert out.notes["sequence_reset"] == 1
    assert len(out.events) > 110
    assert [one.ts_us for one in out.events] == sorted(one.ts_us for one in out.events)


def test_what_is_held_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(ordering, "MOST_HELD", 100)
    made = one_symbol(1_000, every_us=1_000)
    for running in (flow(lateness_ms=60_000), flow(step=None, lateness_ms=60_000)):
        out = running.push(records(made[:500] + made[501:]))
        assert out.notes["held_too_many"]
        assert len(out.events) > 800
        assert len(running._order.heap) + running._order.sequences.held <= 101


def test_times_that_disagree_with_numbers_close_no_window_twice() -> None:
    made = one_symbol(200)
    wild = [one.__class__(one.symbol, one.ts_us - 15 * SECOND_US * (place % 9 == 4), 0, one.price,
                          one.size, one.sequence) for place, one in enumerate(made)]  # fmt: skip
    out = flow().push(records(wild))
    assert out.late
    assert out.bars.select("symbol", "ts").is_duplicated().sum() == 0
