"""What must hold for every operator, whatever it does."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.detection.execution.state import freeze, thaw
from tasks.streams.operators import LEVEL_ONE, LEVEL_TWO, check, join, make
from tasks.streams.windows.frames import concat, digest
from tests.checks.streams.conftest import ONE, SCALES, TWO


def new(said, section: str):
    return make(said, 0, section=section, scales=SCALES if section == "operators" else None)[1]


def by_time(bars: pl.DataFrame) -> list[pl.DataFrame]:
    return bars.sort("ts", "symbol").partition_by("ts", maintain_order=True)


def run(operator, frames, said=(), frozen=frozenset(), again=None) -> pl.DataFrame:
    """Give an operator frames, what another source says among them; freeze it on the way."""
    made, place, waiting = [], 0, list(said)
    for frame in frames:
        while waiting and waiting[0][0] <= place:
            assert operator.join(waiting.pop(0)[1])
        made.append(operator.apply(frame).sort("ts", "symbol"))
        place += frame["ts"].n_unique()
        if place in frozen:
            state = thaw(freeze(operator.freeze()))
            operator = new(again, "then")
            operator.thaw(state)
    return concat(made, made[0].clear())


def test_every_operator_has_a_line_and_a_file_of_its_own() -> None:
    assert (ONE.keys(), TWO.keys()) == (LEVEL_ONE.keys(), LEVEL_TWO.keys())
    kinds = [*LEVEL_ONE.items(), *LEVEL_TWO.items()]
    assert all(kind.made.__module__.endswith(f".{name}") for name, kind in kinds)


def test_it_does_something_to_events(one, events) -> None:
    operator = new(one, "operators")
    changed = [event for event in events if operator.take(event) != event]
    assert changed
    assert len(changed) < len(events) or "times" in one


def test_events_are_taken_again_as_they_were(one, events) -> None:
    first, second = ([new(one, "operators").take(event) for event in events] for _ in range(2))
    straight = new(one, "operators")
    taken = [straight.take(event) for event in events]
    assert first == second  # each alone: nothing is shared between operators
    for cut in (1, 57, 200):
        operator = new(one, "operators")
        before = [operator.take(event) for event in events[:cut]]
        state = thaw(freeze(operator.freeze()))
        operator = new(one, "operators")
        operator.thaw(state)
        assert before + [operator.take(event) for event in events[cut:]] == taken


def test_one_that_takes_events_as_they_come_looks_at_one_alone(one, events) -> None:
    operator = new(one, "operators")
    if operator.ordered:
        return
    taken = [operator.take(event) for event in events]
    assert taken == [new(one, "operators").take(event) for event in events]
    assert operator.freeze() is None


def test_what_remembers_events_is_bounded(one, events) -> None:
    operator = new(one, "operators")
    sizes = []
    for turn in range(3):
        for event in events:
            moved = event.ts_us + turn * 10**9
            operator.take(type(event)(event.symbol, moved, 0, event.price, event.size, turn))
        sizes.append(len(freeze(operator.freeze())))
    assert sizes[2] <= 1.1 * sizes[1]


def test_it_does_something_to_bars(two, bars, said) -> None:
    made = run(new(two, "then"), by_time(bars), said)
    assert made.height
    assert set(made.columns) >= {"symbol", "ts"}
    assert not made.equals(bars.sort("ts", "symbol"))


@pytest.mark.parametrize("seed", range(3))
def test_however_bars_are_cut_and_frozen(two, bars, said, seed: int) -> None:
    frames = by_time(bars)
    straight = run(new(two, "then"), frames, said)
    rng = np.random.default_rng(seed)
    joins = {place for place, _ in said} if "join" in two else set()
    edges = sorted({0, len(frames), *rng.integers(1, len(frames), 6).tolist(), *joins})
    blocks = [pl.concat(frames[a:b]) for a, b in pairwise(edges)]
    frozen = frozenset(rng.choice(edges, 3).tolist())
    assert digest(run(new(two, "then"), blocks, said, frozen, two)) == digest(straight)


def test_no_look_ahead(two, bars, said) -> None:
    frames = by_time(bars)
    whole = run(new(two, "then"), frames, said)
    for cut in (5, 23, 41):
        part = run(new(two, "then"), frames[:cut], said)
        known = whole.filter(pl.col("ts") <= frames[cut - 1]["ts"][0])
        assert_frame_equal(part, known, check_exact=True)


def test_bars_are_left_alone(two, bars, said) -> None:
    frames = by_time(bars)
    before = [frame.clone() for frame in frames]
    run(new(two, "then"), frames, said)
    assert all(one.equals(other) for one, other in zip(frames, before, strict=True))


def test_the_order_of_rows_of_one_time_does_not_matter(two, bars, said) -> None:
    frames = by_time(bars)
    straight = run(new(two, "then"), frames, said)
    turned = run(new(two, "then"), [frame.reverse() for frame in frames], said)
    assert digest(turned) == digest(straight)


def test_what_remembers_bars_is_bounded(two, bars, said, monkeypatch) -> None:
    monkeypatch.setattr(join, "REMEMBERED", 10)
    operator, sizes = new(two, "then"), []
    for turn in range(12):
        moved = bars.with_columns(pl.col("ts") + pl.duration(hours=turn))
        run(operator, [moved.sort("ts", "symbol")], said)
        sizes.append(len(freeze(operator.freeze(), level=0)))
    assert max(sizes[8:]) <= 1.25 * max(sizes[3:8])


WRONG = [
    ("operators", "valdate", {}, r"operators\[0\]\.valdate: .*no operator.*\n.*'validate'"),
    ("operators", "validate", {"prise": {}}, r"operators\[0\]\.validate: .*prise"),
    ("operators", "validate", {}, "say what"),
    ("operators", "validate", {"price": {"above": "much"}}, r"price\.above"),
    ("operators", "rate", {"per_second": 0}, "per_second"),
    ("operators", "clip", {"price": {"jump": -1}}, r"price\.jump"),
    ("operators", "dedupe", {"by": "colour"}, "sequence"),
    ("operators", "times", {"shift_s": float("nan")}, "shift_s"),
    ("operators", "derive", {"a": "$close"}, "stands under `then`"),
    ("operators", "order", {}, "the section `order`"),
    ("then", "validate", {}, "stands under `operators`"),
    ("then", "derive", {"a": "EMA($close, 5)"}, "all of history"),
    ("then", "derive", {"a": "Ref($close, -1)"}, "rows ahead"),
    ("then", "derive", {"a": "$close +"}, r"then\[0\]\.derive"),
    ("then", "derive", {"9a": "$close"}, "9a"),
    ("then", "filter", {"where": ""}, "where"),
    ("then", "aggregate", {"every": "1day"}, "every"),
    ("then", "normalise", {"columns": []}, "columns"),
    ("then", "join", {"source": "../x", "columns": {"a": "b"}}, "source"),
    ("then", "fliter", "$close", "'filter'"),
]


@pytest.mark.parametrize(("section", "name", "settings", "words"), WRONG)
def test_settings_that_are_wrong_are_refused_at_their_key(section, name, settings, words) -> None:
    with pytest.raises(BadInput) as refused:
        new({name: settings}, section)
    assert re.search(words, str(refused.value))
    with pytest.raises(BadInput):
        check(name, settings, section == "then")


NO_VALUES = [
    b"", b"{", b"[]", b'{"source": 1}', b"\xff", b"[" * 100_000,
    b'{"source":"rates","symbol":"USD","ts_us":-1,"values":{}}',
]  # fmt: skip


@pytest.mark.parametrize("body", NO_VALUES)
def test_what_is_no_value_of_another_source_is_refused(body: bytes) -> None:
    assert not new({"join": TWO["join"]}, "then").join(body)
