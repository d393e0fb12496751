"""The flow is a function of its records: cut, frozen, disordered or late, the same bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.journal.record import Kind, Record
from tasks.streams.flow import Flow
from tasks.streams.outputs import Outputs, put_together
from tasks.streams.windows.batch import bars_of
from tasks.streams.windows.frames import digest
from tests.streaming import (
    SECOND_US,
    PlainDecoder,
    cut,
    make_decoder,
    message,
    records,
    source,
    trades,
)

FRAMES = ("bars", "features", "scores", "patterns")
LATENESS_US = 2 * SECOND_US
WATCHED: list[dict[str, Any]] = [
    {"on": "events", "least_confidence": 0,
     "detector": {"detector": "half_space_trees", "watch": ["$price", "$size"],
                  "window_bars": 20, "n_trees": 3, "height": 4, "quantile": 0.9}},
    {"on": "events", "least_confidence": 0,
     "detector": {"detector": "adwin", "watch": "$price", "warmup_bars": 20}},
    {"on": "bars", "least_confidence": 0,
     "detector": {"detector": "gaussian_scorer", "watch": "$r", "window_bars": 20,
                  "grace_bars": 10, "quantile": 0.8}},
    {"on": "bars", "detector": {"detector": "page_hinkley", "watch": "$close",
                                "scope": "cross_section"}},
]  # fmt: skip


def busy(**sections: Any):
    return source(
        **{
            "bars": {"every": "10s"},
            "order": {"step": 1},
            "operators": [{"clip": {"price": {"jump": 0.001}}}, {"dedupe": "sequence"}],
            "features": {"r": "$close / Ref($close, 1) - 1", "m": "Mean($close, 3)"},
            "then": [
                {"derive": {"twice": "$m * 2"}},
                {"normalise": {"columns": ["r"], "least": 3}},
                {"filter": "$volume > 0"},
            ],
            "detection": WATCHED,
            **sections,
        }
    )


def flow(spec=None) -> Flow:
    return Flow(spec or busy(), PlainDecoder(), make_decoder)


def digests(out: Outputs) -> dict[str, str]:
    """The sha256 of each frame, and of all that is counted."""
    made = {name: digest(getattr(out, name)) for name in FRAMES}
    counted = (out.events, out.gaps, out.wants, out.drops, out.late, out.notes, out.watermark_us)
    made["counted"] = hashlib.sha256(repr(counted).encode()).hexdigest()
    return made


def mixed_up(count: int = 700, seed: int = 1, *, numbered: bool = True) -> list[Record]:
    """Records with disorder, repeats, holes, late events, malformed ones and ticks."""
    rng = np.random.default_rng(seed)
    made = trades(count, seed=seed, numbered=numbered)
    late = [made.pop(int(at)) for at in sorted(rng.integers(50, count - 50, 8))[::-1]]
    order = np.argsort([one.ts_us + rng.integers(0, LATENESS_US) for one in made], kind="stable")
    shuffled = [made[int(at)] for at in order]
    shuffled += [shuffled[5], *late[:4]]
    all_records = records(shuffled, delay_us=LATENESS_US)
    for at in sorted(rng.integers(20, count - 60, 12)):
        arrival = all_records[int(at) - 1].arrival_us
        kind = [Kind.TICK, Kind.RAW, Kind.CLOSED, Kind.OPENED][int(at) % 4]
        all_records.insert(int(at), Record(arrival, kind, b"{" if kind == Kind.RAW else b""))
    return all_records


@pytest.fixture(scope="module", params=[1, None], ids=["numbered", "by time"])
def whole(request: pytest.FixtureRequest):
    """A document, records, and what comes of them in one push."""
    spec = busy(order={"step": request.param})
    made = mixed_up(numbered=request.param is not None)
    out = flow(spec).push(made)
    assert out.patterns.height > 5
    assert out.bars.height > 50
    assert out.drops["json"]
    assert out.late
    return spec, made, digests(out)


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_cuts_and_freezing_change_no_byte(whole, data) -> None:
    spec, made, expected = whole
    places = data.draw(st.lists(st.integers(0, len(made)), max_size=12))
    frozen = data.draw(st.sets(st.integers(0, len(places))))
    running, parts = flow(spec), []
    for number, part in enumerate(cut(made, places)):
        parts.append(running.push(part))
        if number in frozen:
            running = Flow.thaw(running.freeze(), make_decoder)
    assert digests(put_together(parts)) == expected


def test_record_by_record_is_as_one_push(whole) -> None:
    spec, made, expected = whole
    running = flow(spec)
    assert digests(put_together([running.push([one]) for one in made])) == expected


def in_place(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(*(name for name in frame.columns if name != "contributors"))


@pytest.mark.parametrize("step", [1, None])
def test_any_permutation_within_the_lateness_gives_the_same_bytes(step) -> None:
    """500 permutations; bars and what is made of them in one order, events by their places."""
    plain = busy(
        order={"step": step},
        then=[],
        detection=[WATCHED[0], WATCHED[2]],
    )
    made = trades(180, every_us=500_000, seed=3)
    made = [one for one in made if one.sequence % 17 != 3]  # numbers that never come

    def run(order: list[int]) -> Outputs:
        given_so = records([made[at] for at in order], delay_us=LATENESS_US)
        running = flow(plain)
        return put_together([running.push(given_so), running.finish()])

    expected = run(list(range(len(made))))
    rng = np.random.default_rng(11)
    for _ in range(250):
        keys = [one.ts_us + int(rng.integers(0, LATENESS_US + 1)) for one in made]
        out = run([int(at) for at in np.argsort(keys, kind="stable")])
        assert out.late == 0
        assert out.bars.equals(expected.bars)
        assert out.features.equals(expected.features)
        assert in_place(out.scores).equals(in_place(expected.scores))
        assert in_place(out.patterns).equals(in_place(expected.patterns))
        places = {(one.symbol, one.ts_us, one.price, one.size) for one in out.events}
        assert len(places) == len(out.events) == len(expected.events)


def test_batch_over_the_complete_data_is_what_was_shown_live() -> None:
    spec = busy(bars={"every": "10s", "quiet": "carry"})
    made = trades(600, seed=4)
    keys = np.random.default_rng(0).integers(0, LATENESS_US, len(made))
    order = np.argsort([one.ts_us + key for one, key in zip(made, keys, strict=True)])
    running = flow(spec)
    live = running.push(records([made[int(at)] for at in order], delay_us=LATENESS_US))
    closed = put_together([live, running.finish()]).bars
    assert closed.equals(bars_of(spec, PlainDecoder.scales, made))
    newest = max(one.ts_us for one in made)
    assert live.bars.equals(closed.filter(pl.col("ts").to_physical() < newest - LATENESS_US))


def test_late_events_are_counted_exactly_and_change_no_closed_bar() -> None:
    made = trades(300, seed=5)
    kept = [one for place, one in enumerate(made) if place % 30 != 10]
    late = [one for place, one in enumerate(made) if place % 30 == 10]
    given_so = records(kept)
    coming = records(late, delay_us=given_so[-1].arrival_us - late[0].ts_us)
    alone = flow(busy(detection=[])).push(given_so)
    running = flow(busy(detection=[]))
    first, then = running.push(given_so), running.push(coming)
    assert then.late == len([one for one in late if one.ts_us <= first.watermark_us])
    assert then.bars.is_empty()
    assert first.bars.equals(alone.bars)


def test_a_window_closes_once_and_only_what_it_held_makes_it() -> None:
    spec = source(bars={"every": "1min"}, order={"lateness_ms": 0})
    made = trades(400, symbols=2, seed=6)
    running, seen = flow(spec), []
    for one in records(made):
        seen += running.push([one]).bars.select("symbol", "ts").rows()
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, key=lambda row: (row[1], row[0]))


def test_ticks_close_windows_while_nothing_comes() -> None:
    spec = source(bars={"every": "10s"}, order={"lateness_ms": 1000, "clock_skew_ms": 1000})
    made = records(trades(40, seed=7))
    running = flow(spec)
    running.push(made)
    last = made[-1].arrival_us
    ticks = [Record(last + n * SECOND_US, Kind.TICK, b"") for n in range(1, 15)]
    out = running.push(ticks)
    assert out.bars.height
    assert out.watermark_us is not None
    assert out.lag_us is not None
    assert out.lag_us < 3 * SECOND_US


@pytest.mark.parametrize("by", ["replay", "file"])
def test_ticks_say_nothing_of_sources_of_the_past(by: str) -> None:
    spec = source(connect={"by": by, "path": "a"}, bars={"every": "10s"})
    made = records(trades(40, seed=7), delay_us=30 * 86_400 * SECOND_US)
    running = flow(spec)
    before = running.push(made)
    later = Record(made[-1].arrival_us + 3_600 * SECOND_US, Kind.TICK, b"")
    after = running.push([later])
    assert after.watermark_us == before.watermark_us
    assert before.late == after.late == 0


def test_a_clock_that_is_ahead_does_not_end_the_present() -> None:
    made = trades(60, seed=8)
    ahead = made[20].__class__("S0", made[20].ts_us + 3_600 * SECOND_US, 0, 10_000, 1)
    given_so = records(made)
    given_so.insert(21, Record(given_so[20].arrival_us, Kind.RAW, message(ahead)))
    out = flow(source(bars={"every": "10s"})).push(given_so)
    assert out.notes["clock_ahead"] == 1
    assert out.bars.height > 3


def test_an_event_of_the_lateness_exactly_is_in_time() -> None:
    one, other = trades(2, symbols=1, numbered=False)
    newest = other.__class__("S0", one.ts_us + LATENESS_US, 0, 10_000, 1)
    out = flow(source()).push(records([newest, one], delay_us=LATENESS_US))
    assert out.late == 0
    earlier = one.__class__("S0", one.ts_us - 1, 0, 10_000, 1)
    out = flow(source()).push(records([newest, earlier], delay_us=LATENESS_US))
    assert out.late == 1
