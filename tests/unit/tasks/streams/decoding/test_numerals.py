"""Numbers are read as they are written, to the last digit, or not at all."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.streams.decoding import numerals
from tasks.streams.decoding.json_text import read_any
from tasks.streams.decoding.numerals import scaled
from tasks.streams.decoding.times import from_iso, from_number
from tasks.streams.event import Malformed

NOW = 1_764_500_100_000_000


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(0, 12))
def test_what_has_no_more_digits_than_count_is_exact(number, decimals):
    text = f"{Decimal(number).scaleb(-decimals):f}"
    assert scaled(text, decimals) == number
    assert scaled(text + ("" if "." in text else ".") + "000", decimals) == number
    assert scaled(f"{number}e-{decimals}", decimals) == number
    assert scaled(text, decimals, cut=True) == number


@given(st.integers(1, 10**9), st.integers(0, 8), st.integers(1, 9))
def test_digits_that_do_not_count_are_refused_or_cut(number, decimals, more):
    text = f"{Decimal(number).scaleb(-decimals):f}" + ("" if decimals else ".") + str(more)
    with pytest.raises(Malformed) as caught:
        scaled(text, decimals)
    assert caught.value.reason == "decimals"
    assert scaled(text, decimals, cut=True) == number


@pytest.mark.parametrize("text", [
    "", ".", "-", "+", "e5", "1e", "1e5.0", "0x1", "1_0", " 1", "1 ", "1\n", "NaN", "nan", "inf",
    "Infinity", "1,000", "١", "½", "1" * 65, "--1", "1.2.3", "1e9999", "1" * 5_000, "\0",
])  # fmt: skip
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Malformed) as caught:
        scaled(text, 8)
    assert caught.value.reason in {"number", "range"}


@pytest.mark.parametrize("text", ["9223372036854775808", "1e19", "-1e300", "99999999999.9e20"])
def test_what_64_bits_do_not_hold_is_refused(text):
    with pytest.raises(Malformed) as caught:
        scaled(text, 0)
    assert caught.value.reason == "range"


@given(st.text(max_size=30))
def test_nothing_else_is_raised(text):
    for read in (numerals.price, numerals.size, numerals.amount):
        with suppress(Malformed):
            assert isinstance(read(text, 4), int)
    for unit in ("s", "ms", "us", "ns"):
        with suppress(Malformed):
            assert from_number(text, unit, NOW) <= NOW + 86_400_000_000
    with suppress(Malformed):
        assert from_iso(text, NOW) <= NOW + 86_400_000_000


@given(st.integers(350 * 10**12, 1_764 * 10**12))
def test_times_are_exact_in_every_unit(us):
    when = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).replace(tzinfo=None)
    assert from_iso(when.isoformat(), NOW) == us
    assert from_iso(when.isoformat() + "Z", NOW) == us
    assert from_iso(when.isoformat() + "+00:00", NOW) == us
    assert from_number(str(us), "us", NOW) == us
    assert from_number(f"{us}999", "ns", NOW) == us
    assert from_number(f"{us // 1_000}", "ms", NOW) == us // 1_000 * 1_000
    assert from_number(f"{us // 10**6}.{us % 10**6:06}9", "s", NOW) == us


def test_no_float_is_on_the_way():
    told = read_any(b'{"price":0.1000000000000000055511151231257827,"n":12345678901234567890123}')
    assert told == {"price": "0.1000000000000000055511151231257827", "n": 12345678901234567890123}
