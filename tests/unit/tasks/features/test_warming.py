import polars as pl

from tasks.features import evaluate, evaluate_increment
from tasks.features.kernels.orders import order_at_end
from tasks.features.warming import warm
from taskspecs.expressions.sets import expand


def test_after_warming_nothing_is_compiled(market: pl.DataFrame) -> None:
    expressions = expand("alpha158") | {"across": "CSRank($close)"}
    warm(market.schema, expressions)
    assert warm(market.schema, expressions).compiled == 0
    before = sum(_misses())
    evaluate(market, expressions)
    assert sum(_misses()) == before


def test_an_appended_day_finds_its_kernels_ready(market: pl.DataFrame) -> None:
    expressions = {"rank": "Rank($close, 5)", "median": "Med($close / Ref($close, 1), 7)"}
    warm(market.schema, expressions)
    ready = list(order_at_end.signatures)  # type: ignore[attr-defined]
    assert ready
    for day in (-2, -4):
        evaluate_increment(market, expressions, after=market["ts"].unique().sort()[day])
    assert list(order_at_end.signatures) == ready  # type: ignore[attr-defined]


def _misses() -> list[int]:
    from tasks.features.kernels.table import KERNELS

    return [
        sum(kernel.stats.cache_misses.values())  # type: ignore[attr-defined]
        for kernel in KERNELS.values()
        if hasattr(kernel, "stats")
    ]
