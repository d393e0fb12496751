import polars as pl

from tasks.features import evaluate
from tasks.features.warming import warm
from taskspecs.expressions.sets import expand


def test_after_warming_nothing_is_compiled(market: pl.DataFrame) -> None:
    expressions = expand("alpha158") | {"across": "CSRank($close)"}
    warm(market.schema, expressions)
    assert warm(market.schema, expressions).compiled == 0
    before = sum(_misses())
    evaluate(market, expressions)
    assert sum(_misses()) == before


def _misses() -> list[int]:
    from tasks.features.kernels.table import KERNELS

    return [
        sum(kernel.stats.cache_misses.values())  # type: ignore[attr-defined]
        for kernel in KERNELS.values()
        if hasattr(kernel, "stats")
    ]
