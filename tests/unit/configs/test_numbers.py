from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.figures import UNITS, parts, say, say_bound, say_figure, split_notes
from configs.numbers import NONE, file_size, percent, plain, signed_percent

WRITERS = [percent, signed_percent, plain, *(write for write, _ in UNITS.values())]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_dash(write, value):
    assert write(value) == NONE


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_no_hyphen_and_no_negative_zero(value):
    for write in WRITERS:
        text = write(value)
        assert not text.startswith("-")
        if text.startswith("−"):
            assert any(digit in "123456789" for digit in text)
            assert value < 0


@given(st.floats(min_value=1e-4, max_value=1e9))
def test_plain_keeps_four_digits(value):
    assert float(plain(value).replace(",", "")) == pytest.approx(value, rel=1e-3)


def test_sign_is_shown_for_gains_only():
    assert signed_percent(0.01) == "+1.0%"
    assert signed_percent(-0.01) == "−1.0%"
    assert signed_percent(0.0) == "0.0%"


def test_unit_follows_unless_the_number_shows_it():
    assert parts(12.3456, "widgets") == ("12.35", "widgets")
    assert parts(0.5, "fraction") == ("50.0%", "")


@pytest.mark.parametrize(
    ("name", "value", "stored", "said"),
    [
        ("annual_return", 0.1138, "fraction", "11.4% a year"),
        ("benchmark_annual_return", 0.1391, "fraction", "13.9% a year"),
        ("max_drawdown", -0.6827, "fraction", "−68.3%"),
        ("sharpe", 0.4974, "ratio", "0.50"),
        ("annual_turnover", 16.45, "fraction", "16.4x a year"),
        ("turnover", 0.0653, "fraction", "0.0653x"),
        ("annual_cost", 0.01971, "fraction", "2.0% a year"),
        ("ic_mean", 0.0132, "ratio", "0.013"),
        ("max_drawdown_days", 1612.0, "days", "1,612 days"),
        ("final_account", 8964674.0, "money", "8,964,674 in money"),
        ("hit_rate", None, "fraction", NONE),
    ],
)
def test_a_figure_carries_its_unit(name, value, stored, said):
    assert say_figure(name, value, stored) == said
    assert say_figure(name, value) == said, "its name alone tells as much"


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit != "yes or no"])
def test_a_bound_is_written_as_the_figure_beside_it(unit):
    figure, words = parts(0.2575, unit)
    assert say_bound("at most", 0.2575, unit) == f"at most {figure}"
    assert say(0.2575, unit) == f"{figure} {words}".strip()


@pytest.mark.parametrize(
    ("threshold", "unit", "said"),
    [
        (0, "Sharpe ratio a year", "at least 0"),
        (-0.4, "of the peak", "at least −40%"),
        (1, "of the length needed", "at least 100%"),
        (0.025, "of the account", "at least 2.50%"),
        (500, "bars", "at least 500"),
        (1, "yes or no", "yes"),
    ],
)
def test_a_round_bound_has_no_decimals(threshold, unit, said):
    assert say_bound("at least", threshold, unit) == said


def test_what_every_line_says_is_said_once():
    notes = ["after costs; annualised: 252 days a year", "fills", "annualised: 252 days a year"]
    assert split_notes(notes) == (["after costs", "fills", ""], "annualised: 252 days a year")
    mixed = ["annualised: 252 days a year", "annualised: 365 days a year"]
    assert split_notes(mixed) == (mixed, "")
    assert split_notes([]) == ([], "")


def test_file_sizes():
    assert [file_size(n) for n in (None, 0, 1_000, 2_500_000_000)] == [
        NONE,
        "0 B",
        "1.0 kB",
        "2.5 GB",
    ]
