from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.numbers import BY_UNIT, NONE, file_size, percent, plain, signed_percent, with_unit


@pytest.mark.parametrize("write", [percent, signed_percent, plain, *BY_UNIT.values()])
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_dash(write, value):
    assert write(value) == NONE


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_no_hyphen_and_no_negative_zero(value):
    for write in (percent, signed_percent, plain, *BY_UNIT.values()):
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
    assert with_unit(12.3456, "widgets") == ("12.35", "widgets")
    assert with_unit(0.5, "fraction") == ("50.0%", "")


def test_file_sizes():
    assert [file_size(n) for n in (None, 0, 1_000, 2_500_000_000)] == [
        NONE,
        "0 B",
        "1.0 kB",
        "2.5 GB",
    ]
