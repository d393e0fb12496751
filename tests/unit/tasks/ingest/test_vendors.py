"""Files in the shapes of vendors are read as they were written, without a setting."""

from __future__ import annotations

import pytest

from tests.unit.tasks.ingest.vendors import SHAPES, expected_end


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_shape(ingest, make):
    made = make()
    bars = ingest(made.content, name=made.name, look=True, **made.keys).bars
    fields = ["close"] if made.only_close else ["open", "high", "low", "close"]
    fields += ["volume"] if made.volume else []
    read = {(row["symbol"], row["ts"]): row for row in bars.to_dicts()}
    truth = {(made.symbol or bar.symbol, expected_end(made, bar)): bar for bar in made.bars}
    assert sorted(read) == sorted(truth)
    for key, bar in truth.items():
        for field in fields:
            assert read[key][field] == pytest.approx(getattr(bar, field), rel=2e-6), (key, field)
