from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.features import evaluate, evaluate_increment, increment, stream
from tasks.features.execution import chunks, scratch
from taskspecs.expressions import analyse, parse
from taskspecs.expressions.sets import expand

MIXED = {
    "across": "CSRank(Mean(CSZScore($close / Ref($close, 1) - 1), 5)) - CSRank($volume)",
    "bounded": "Std($close, 20) / $close",
    "decay": "EMA($close, 12)",
    "ever": "$close / Max($high, 0)",
    "place": "IdxMax($high, 30) + Count($close, 30) + WMA($volume, 9)",
    "first": "$close / Ref($close, 0)",
}


def test_batches_are_the_whole_in_pieces(market: pl.DataFrame, tmp_path) -> None:
    expressions = expand("alpha158") | MIXED
    full = evaluate(market, expressions)
    market.write_parquet(tmp_path / "bars.parquet", row_group_size=300)
    scan = pl.scan_parquet(tmp_path / "bars.parquet")
    for bars in (scan, market.sample(fraction=1.0, shuffle=True, seed=2)):
        batches = list(stream(bars, expressions, batch_rows=900))
        assert len(batches) > 3
        assert all(batch["symbol"].n_unique() <= 3 for batch in batches)
        assert_frame_equal(pl.concat(batches), full, check_exact=True)


def test_large_columns_live_in_files(market: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    full = evaluate(market, MIXED)
    monkeypatch.setattr(scratch, "IN_MEMORY_ROWS", 10)
    assert_frame_equal(evaluate(market, MIXED), full, check_exact=True)


@pytest.mark.parametrize("days", [1, 7, 90])
def test_an_increment_has_the_bytes_of_the_whole(market: pl.DataFrame, days: int) -> None:
    expressions = expand("alpha158") | MIXED
    after = market["ts"].max() - timedelta(days=days)
    full = evaluate(market, expressions).filter(pl.col("ts") > after)
    assert full.height > 0
    part = evaluate_increment(market, expressions, after=after)
    assert_frame_equal(part, full, check_exact=True)


def test_an_increment_computes_no_more_than_it_needs(
    market: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    run = increment.run_newest

    def spy(plan, needed, inputs, columns) -> None:
        seen.append(needed.depth)
        run(plan, needed, inputs, columns)

    monkeypatch.setattr(increment, "run_newest", spy)
    text = "Std($close, 20) / Ref($close, 33)"
    days = market["ts"].unique().sort()
    evaluate_increment(market, [text], after=days[-2], threads=1)
    assert seen == [analyse(parse(text)).lookback_rows + 1] == [34]


def test_a_lookback_is_needed_to_the_last_row(market: pl.DataFrame) -> None:
    """One row of history less than the analysis says, and a value changes."""
    own = market.filter(pl.col("symbol") == "S000")
    for text in ("Mean($close, 20)", "Ref(Max($close, 5), 7)", "Mean(Delta($close, 3), 4)"):
        rows = analyse(parse(text)).lookback_rows + 1
        exact = evaluate(own, [text])[text][-1]
        assert evaluate(own.tail(rows), [text])[text][-1] == exact
        less = own.tail(rows - 1).with_columns(pl.col("close") * 1.0)
        spoiled = pl.concat(
            [own.tail(rows).head(1).with_columns(close=1e6), less], how="diagonal_relaxed"
        )
        assert evaluate(spoiled, [text])[text][-1] != exact


def test_nothing_new_gives_nothing(market: pl.DataFrame) -> None:
    part = evaluate_increment(market, MIXED, after=market["ts"].max())
    assert part.height == 0
    assert part.columns == ["symbol", "ts", *MIXED]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("rows", [1, 700, 131_072])
def test_neither_threads_nor_batches_nor_chunks_show(
    market: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, threads: int, rows: int
) -> None:
    """Bits of missing values lie eight to a byte, which threads share where their rows meet."""
    expressions = expand("kbar") | MIXED | {"late": "Ref($close, 30)"}
    full = evaluate(market, expressions, threads=1)
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 401)
    batches = list(stream(market, expressions, threads=threads, batch_rows=rows))
    assert_frame_equal(pl.concat(batches), full, check_exact=True)
    nulls = {name: full[name].is_null().sum() for name in expressions}
    assert {name: sum(batch[name].null_count() for batch in batches) for name in nulls} == nulls


def test_a_batch_that_is_kept_stays_as_it_was(market: pl.DataFrame) -> None:
    """Memory of batches is used again, but not while anybody can read it."""
    text = "$close * 2"
    full = evaluate(market, [text])[text]
    kept, done = [], 0
    for number, batch in enumerate(stream(market, [text], batch_rows=1)):
        if number % 2:
            kept.append((batch[text].slice(5), full.slice(done + 5, batch.height - 5)))
        done += batch.height
    assert len(kept) == 5
    assert all(own.equals(expected) for own, expected in kept)


def test_batches_not_wanted_any_more_are_not_computed(market: pl.DataFrame) -> None:
    batches = stream(market, expand("kbar"), batch_rows=1)
    first = next(batches)
    batches.close()
    assert first.equals(evaluate(market, expand("kbar")).head(first.height))
