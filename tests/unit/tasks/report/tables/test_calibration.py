from __future__ import annotations

import polars as pl
import pytest

from tasks.report.page import render
from tasks.report.tables.calibration import list_cards, tell_withheld
from taskspecs.discovery import DiscoverySpec


def test_each_detector_has_its_row(study):
    table = list_cards(study.cards, study.responses)
    calibrated, not_calibrated = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert calibrated["false alarms per 1,000 bars"] == "0.1 (≤ 0.2)"
    assert [calibrated[name] for name in ("small change", "medium", "large")] == [
        "0.5σ: 0%", "1σ: 90% in 50 bars", "2σ: 100% in 15.5 bars",
    ]  # fmt: skip
    assert not_calibrated["false alarms per 1,000 bars"] == not_calibrated["large"] == "–"
    assert not_calibrated["detector"] == "half space trees"


def test_without_detectors_there_is_no_table():
    assert list_cards(pl.DataFrame(), pl.DataFrame()).rows == ()
    assert tell_withheld(pl.DataFrame(), DiscoverySpec()).startswith("0 of 0 alarms")


@pytest.mark.parametrize("method", ["bh", "by", "lord", "saffron", "none"])
def test_the_level_and_the_withheld_are_told(study, method):
    text = tell_withheld(study.cards, DiscoverySpec(level=0.05, method=method))
    assert text.startswith("4 of 25 alarms are withheld at a false discovery rate of 5%, ")


def test_the_page_shows_them(study):
    page = render(study)
    assert "4 of 25 alarms are withheld" in page
    assert "1σ: 90% in 50 bars" in page
