"""A card that was made before is not made again, and is the same."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tasks.detection.calibration import card_store
from tasks.detection.calibration.card_store import card_of, name_content
from taskspecs.detectors import Adwin, PageHinkleyTest
from taskspecs.discovery import CalibrationSpec

DRIFT = Adwin(detector="adwin", watch="$a")
NERVOUS = PageHinkleyTest(detector="page_hinkley", watch="$a", threshold=4.0, min_confidence=0.2)
SMALL = CalibrationSpec(null_bars=5_000, injections=3)


class Memory:
    """A shelf in memory, which writes and reads as the lake does."""

    def __init__(self) -> None:
        self.cards: dict[str, bytes] = {}

    def find(self, detector: str, name: str) -> pl.DataFrame | None:
        raw = self.cards.get(name)
        return None if raw is None else pl.read_parquet(raw)

    def keep(self, detector: str, name: str, card: pl.DataFrame) -> None:
        import io

        written = io.BytesIO()
        card.write_parquet(written)
        self.cards[name] = written.getvalue()


def series(seed: int, count: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(400, 1)) for _ in range(count)]


@pytest.mark.parametrize("spec", [DRIFT, NERVOUS])
def test_a_kept_card_is_the_card(spec, monkeypatch):
    cards = Memory()
    made = card_of(spec, series(1), SMALL, cards)
    monkeypatch.setattr(card_store, "calibrate", None)
    assert card_of(spec, series(1), SMALL, cards) == made
    assert len(cards.cards) == 1


def test_a_card_without_null_data_is_kept_too():
    cards = Memory()
    made = [card_of(DRIFT, [], SMALL, cards) for _ in range(2)]
    assert made[0] == made[1]


def test_names_follow_from_all_that_a_card_is_made_from():
    names = {
        name_content(DRIFT, series(1), SMALL),
        name_content(NERVOUS, series(1), SMALL),
        name_content(DRIFT, series(2), SMALL),
        name_content(DRIFT, series(1, 3), SMALL),
        name_content(DRIFT, series(1), SMALL.model_copy(update={"seed": 1})),
        name_content(DRIFT, [np.concatenate(series(1))], SMALL),
    }
    assert len(names) == 6
    assert name_content(DRIFT, series(1), SMALL) in names
