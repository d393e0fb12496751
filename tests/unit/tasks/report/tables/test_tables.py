from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from configs.figures import unit_of
from tasks.report.clock import Clock
from tasks.report.tables.cards import MOST_CARDS, ORDER, deal_cards
from tasks.report.tables.heat import lay_out_heat
from tasks.report.tables.tables import (
    list_health,
    list_metrics,
    list_reading,
    list_stress,
    list_years,
)


def test_health_separates_what_was_not_found(study):
    rows, absent = list_health(study.health)
    assert [row.rule for row in rows][:2] == ["rows read", "ohlc violation"]
    assert {row.action: row.said for row in rows}["guessed"] == "guessed, please confirm"
    assert absent == ("conflicting duplicate",)


def test_any_small_table_of_years_is_written():
    frame = pl.DataFrame(
        {
            "ts": [datetime(2012, 12, 31, 21, tzinfo=UTC)],
            "return": [0.123],
            "sharpe": [None],
            "winner": ["AAPL"],
        },
        schema_overrides={"sharpe": pl.Float64},
    )
    table = list_years(frame, Clock("America/New_York"))
    assert table.rows == (("31 Dec 2012", "12.3%", "–", "AAPL"),)


def test_every_metric_is_listed(study):
    metrics = list_metrics(study.metrics)
    assert [m.name for m in metrics] == study.metrics["name"].to_list()


def test_the_name_of_every_figure_tells_its_unit(study):
    """Tables that know names alone, as those of sweeps, write what the report writes."""
    stored = dict(study.metrics.select("name", "unit").iter_rows())
    assert {name: unit_of(name) for name in stored} == {
        name: unit_of(name, unit) for name, unit in stored.items()
    }


def test_how_long_a_year_is_stands_on_no_line(study):
    assert study.metrics["note"].str.contains("annualised: ").any()
    assert not any("annualised: " in metric.note for metric in list_metrics(study.metrics))


def test_cards_come_in_their_order_with_their_errors(study):
    cards = deal_cards(list_metrics(study.metrics))
    assert len(cards) == MOST_CARDS
    assert cards[0].label == "Annual return"
    sharpe = next(card for card in cards if card.label == "Sharpe ratio")
    assert sharpe.error is not None
    assert not [card for card in cards if "standard error" in card.label.lower()]


def test_cards_name_metrics_that_exist(study):
    assert set(ORDER) <= set(study.metrics["name"])


def test_heat_adds_up_to_the_whole(study):
    heat = lay_out_heat(study)
    assert len(heat.columns) == 12
    totals = 1.0
    for _, _, total in heat.rows:
        value = float(total.text.replace("−", "-").rstrip("%")) / 100
        totals *= 1 + value
    whole = (1 + study.equity["net_return"]).product()
    assert totals == pytest.approx(whole, rel=0.01)


def test_heat_of_a_short_period_has_days(study):
    from dataclasses import replace

    heat = lay_out_heat(replace(study, equity=study.equity.head(20)))
    assert heat.columns[0] == "Mon"
    assert all(cell is None for _, cells, _ in heat.rows for cell in cells[5:])


def test_reading_shows_nested_values():
    assert list_reading({"b": ["x"], "a": 2, "c": True}) == (
        ("a", "2"),
        ("b", '["x"]'),
        ("c", "true"),
    )


def test_stress_leaves_the_years_to_their_own_table(study):
    table = list_stress(study.stress, study.clock)
    assert [row[0] for row in table.rows] == ["as the study says", "costs doubled"]
    assert table.rows[0][1:] == ("10.0%", "20.0%", "0.50", "−30.0%", "1.00%")
    assert list_stress(pl.DataFrame(), study.clock).rows == ()
