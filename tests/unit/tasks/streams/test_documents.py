"""Records that change the flow: documents, thinning, ratings."""

from __future__ import annotations

import json

import polars as pl
import pytest

from storage.journal.record import Kind, Record
from tasks.streams.flow import Flow
from tasks.streams.outputs import put_together
from tests.streaming import PlainDecoder, make_decoder, records, source, trades

SEEN = {"on": "events", "least_confidence": 0,
        "detector": {"detector": "half_space_trees", "watch": "$price", "window_bars": 20,
                     "n_trees": 3, "height": 4, "quantile": 0.9}}  # fmt: skip
OTHER = {"on": "events", "detector": {"detector": "adwin", "watch": "$size"}}
TEN, TWENTY = (
    source(bars={"every": every}, detection=seen, features={"r": "$close * 1"})
    for every, seen in (("10s", [SEEN]), ("20s", [OTHER]))
)


def flow(spec=TEN) -> Flow:
    return Flow(spec, PlainDecoder(), make_decoder)


def said(arrival: int, kind: Kind, body) -> Record:
    return Record(arrival, kind, json.dumps(body).encode() if isinstance(body, dict) else body)


def spec_record(arrival: int, spec) -> Record:
    return Record(arrival, Kind.SPEC, spec.model_dump_json().encode())


def test_a_document_takes_effect_when_the_window_is_over_and_loses_nothing() -> None:
    made = records(trades(400))
    at = made[200].arrival_us
    with_spec = [*made[:200], spec_record(at - 1, TWENTY), *made[200:]]
    whole, plain = flow().push(with_spec), flow().push(made)
    assert [one["said"] for one in whole.replies] == ["took effect"]
    assert whole.events == plain.events
    until = whole.bars["ts"].max()
    volume = plain.bars.filter(pl.col("ts") <= until)["volume"].sum()
    assert whole.bars["volume"].sum() == pytest.approx(volume)
    lengths = whole.bars.filter(symbol="S0")["ts"].diff().drop_nulls().dt.total_seconds()
    assert set(lengths) <= {10, 20, 30}
    running = flow()
    parts = []
    for one in with_spec:
        parts.append(running.push([one]))
        running = Flow.thaw(running.freeze(), make_decoder) if len(parts) % 60 == 0 else running
    apart = put_together(parts)
    for name in ("bars", "features", "scores", "patterns"):
        assert getattr(apart, name).equals(getattr(whole, name)), name
    assert running.spec == TWENTY


def test_fifty_documents_lose_nothing() -> None:
    made = records(trades(1_000))
    with_specs = list(made)
    for number in range(50):
        place = 990 - number * 19
        spec = TWENTY if number % 2 else TEN
        with_specs.insert(place, spec_record(made[place].arrival_us - 1, spec))
    out, plain = flow().push(with_specs), flow().push(made)
    assert out.events == plain.events
    assert len(out.replies) > 10
    again = flow().push(with_specs)
    assert again.bars.equals(out.bars)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no SourceSpec"),
        (b"\xff\xfe", "no SourceSpec"),
        (source().model_dump_json().replace('"made"', '"Not a name"').encode(), "name"),
        (source(then=[{"filter": "$close >"}]).model_dump_json().encode(), "then[0].filter"),
        (source(operators=[{"valdate": {}}]).model_dump_json().encode(), "validate"),
        (source(features={"e": "EMA($close, 5)"}).model_dump_json().encode(),
         "key features: e: a stream remembers"),
        (source(detection=[{"detector": {"detector": "adwin", "watch": "EMA($close, 5)"}}])
         .model_dump_json().encode(), "key detection: EMA"),
        (source(detection=[{"on": "events", "detector": {"detector": "adwin",
         "watch": "$close"}}]).model_dump_json().encode(), "detection[0].detector.watch"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_answered_and_changes_nothing(body: bytes, words: str) -> None:
    made = records(trades(200))
    refused = Record(made[100].arrival_us - 1, Kind.SPEC, body)
    out, plain = flow().push([*made[:100], refused, *made[100:]]), flow().push(made)
    assert out.notes["spec_refused"] == 1
    assert words in out.replies[0]["said"]
    assert out.bars.equals(plain.bars)
    assert out.patterns.equals(plain.patterns)


def test_a_document_that_begins_the_journal_takes_effect_at_once() -> None:
    made = records(trades(100))
    running = flow(TEN)
    out = running.push([spec_record(1, TWENTY), *made])
    assert running.spec == TWENTY
    assert out.bars.equals(flow(TWENTY).push(made).bars)


def test_thinned_detection_looks_at_each_so_many_th_event_and_is_whole_again() -> None:
    made = records(trades(900))
    thin, whole = (
        said(made[at].arrival_us - 1, Kind.THINNED, {"keep_every": n})
        for at, n in ((300, 10), (600, 1))
    )
    both = [*made[:300], thin, *made[300:600], whole, *made[600:]]
    out = flow().push(both)
    assert out.bars.equals(flow().push(made).bars)
    running = flow()
    running.push(made[:300])
    first = running.push([thin, *made[300:600]]).scores.height
    then = running.push([whole, *made[600:]]).scores.height
    assert 25 <= first <= 40
    assert then >= 290
    wrong = Record(made[-1].arrival_us, Kind.THINNED, b'{"keep_every": 0}')
    assert flow().push([*made, wrong]).notes["thinning_refused"] == 1


def rating(pattern_id: str, value: int) -> Record:
    return said(10**18, Kind.FEEDBACK, {"pattern_id": pattern_id, "rating": value, "comment": "no"})


def test_ratings_move_the_threshold_within_bounds_and_can_be_taken_back() -> None:
    running = flow()
    ids = running.push(records(trades(900))).patterns["pattern_id"].to_list()
    assert len(ids) > 12
    name = "half_space_trees: $price"
    seen = [running.push([rating(one, -1)]).thresholds[name] for one in ids[:12]]
    assert seen[0] == pytest.approx(1.1)
    assert seen == sorted(seen)
    assert seen[-1] == 2.0
    back = [running.push([rating(one, 0)]).thresholds[name] for one in ids[:12]]
    assert back[-1] == 1.0
    up = [running.push([rating(one, 1)]).thresholds[name] for one in ids[:12]]
    assert up[-1] == 0.5
    again = Flow.thaw(running.freeze(), make_decoder)
    assert again.push([]).thresholds == {name: 0.5}
    out = running.push([rating("unknown", 1), Record(10**18, Kind.FEEDBACK, b"[]")])
    assert "no such pattern" in out.replies[0]["said"]
    assert out.notes["feedback_refused"] == 1


def test_a_higher_threshold_tells_less() -> None:
    calm = source(
        bars={"every": "10s"}, feedback={"step": 0.5, "most": 10},
        detection=[{**SEEN, "least_confidence": 0.5}],
    )  # fmt: skip
    made = records(trades(3_000, symbols=1))
    running, other = flow(calm), flow(calm)
    ids = [running.push(made[:800]), other.push(made[:800])][0].patterns["pattern_id"].to_list()
    for one in ids[:6]:
        running.push([rating(one, -1)])
    strict, plain = running.push(made[800:]), other.push(made[800:])
    assert strict.scores.equals(plain.scores)
    assert strict.patterns.height < plain.patterns.height
    assert strict.notes["withheld"] > plain.notes["withheld"]
    assert set(strict.patterns["pattern_id"]) <= set(plain.patterns["pattern_id"])
