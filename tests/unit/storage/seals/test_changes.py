"""A market that was changed is the same market; see the figures in `storage.seals.likeness`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from storage.seals.likeness import alike, read_sketch, sketch
from storage.seals.traces import track
from tests.changed_markets import CHANGES


def prices(seed: int, symbols: int = 8, weeks: int = 260, shared: float = 0.3) -> pl.DataFrame:
    """Return daily bars of working days; moves share a factor, opens lie near the last close."""
    rng = np.random.default_rng(seed)
    days = weeks * 5
    first = datetime(2012, 1, 2, 21, tzinfo=UTC)
    stamps = [first + timedelta(days=7 * (day // 5) + day % 5) for day in range(days)]
    factor = rng.normal(0, 0.015, days)
    parts = []
    for number in range(symbols):
        own = rng.normal(0, 0.015, days)
        close = 40 * np.exp(np.cumsum(shared**0.5 * factor + (1 - shared) ** 0.5 * own))
        opened = np.append(40.0, close[:-1]) * np.exp(rng.normal(0, 0.004, days))
        parts.append(
            pl.DataFrame({
                "symbol": f"S{number}", "ts": stamps, "open": opened, "close": close,
                "high": np.maximum(opened, close) * 1.002,
                "low": np.minimum(opened, close) * 0.998,
            })
        )  # fmt: skip
    return pl.concat(parts)


@pytest.fixture(scope="module")
def known():
    """The sketch of a market as the ledger holds it."""
    return read_sketch(sketch(prices(1)).to_body())


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_market_is_the_same(known, name):
    changed = CHANGES[name](prices(1)).with_columns("N" + pl.col("symbol"))
    assert alike(known, sketch(changed))
    assert alike(sketch(changed), known)


def test_the_same_bytes_by_other_columns_are_known_by_their_digest(known):
    """What no likeness finds, bytes do: volumes, or a column of anything, read as the price."""
    from gate.evidence.families import Families
    from storage.seals.register import SEEN

    other = sketch(prices(2))

    def entry(seq, kind, body):
        return SimpleNamespace(seq=seq, kind=kind, body=body)

    bodies = [
        {"data": "d1", "reading": "r1", **known.to_body()},
        {"data": "d1", "reading": "r2", **other.to_body()},
        {"data": "d2", "reading": "r1", **sketch(prices(3)).to_body()},
    ]
    families = Families([entry(n, SEEN, body) for n, body in enumerate(bodies, 1)])
    assert families.name_of(known.name) == families.name_of(other.name)
    assert families.name_of(bodies[2]["print"]) != families.name_of(known.name)


@pytest.mark.parametrize("shared", [0.0, 0.3, 0.6])
def test_different_markets_are_different(shared):
    sketches = [sketch(prices(seed, shared=shared)) for seed in range(10, 20)]
    assert not any(alike(a, b) for a in sketches for b in sketches if a is not b)


def test_different_symbols_of_one_market_are_different():
    bars = prices(4, symbols=16, shared=0.5)
    one = bars.filter(pl.col("symbol").is_in([f"S{n}" for n in range(8)]))
    other = bars.filter(~pl.col("symbol").is_in([f"S{n}" for n in range(8)]))
    assert not alike(sketch(one), sketch(other))


@pytest.mark.parametrize(
    "shape",
    [
        lambda n: np.exp(0.001 * n), lambda n: 10 + np.sin(n / 5), lambda n: 10 + (n % 2),
        lambda n: np.full(len(n), 3.0), lambda n: 10 + np.sin(n / 40), lambda n: 10 + (n % 20),
        lambda n: np.exp(-0.01 * n),
    ],
)  # fmt: skip
def test_series_that_many_markets_have_make_none_alike(shape):
    """Trends, waves and saws leave no mark that another market would share."""
    count = np.arange(1_000)
    days = pl.date_range(pl.date(2012, 1, 1), pl.date(2014, 9, 26), eager=True)
    closes = pl.DataFrame({"symbol": "A", "day": days, "close": shape(count)})
    assert track(closes).runs == ()
    assert track(closes).traces == ()


def test_a_sketch_of_an_older_edition_is_read():
    body = sketch(prices(1)).to_body()
    old = {name: body[name] for name in ("print", "hashes", "first", "last")}
    assert read_sketch(old).name == body["print"]
    assert alike(read_sketch(old), sketch(prices(1)))
