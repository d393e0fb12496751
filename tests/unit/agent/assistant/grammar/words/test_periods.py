from datetime import date

import pytest

from agent.assistant.grammar.reading import read
from agent.assistant.grammar.words.sources import SAMPLE

TODAY = date(2026, 11, 20)


def said(prompt: str) -> dict[str, str]:
    return {
        fill.key.removeprefix("data."): fill.value for fill, _ in read(prompt, TODAY, SAMPLE).fills
    }


@pytest.mark.parametrize(
    ("prompt", "start", "end"),
    [
        ("from 2005 to 2010", "2005-01-01", "2010-12-31"),
        ("between 2005 and 2010", "2005-01-01", "2010-12-31"),
        ("2005–2010", "2005-01-01", "2010-12-31"),
        ("2005~2010", "2005-01-01", "2010-12-31"),
        ("from Q3 2008 until H1 2010", "2008-07-01", "2010-06-30"),
        ("2008Q3", "2008-07-01", "2008-09-30"),
        ("third quarter of 2008", "2008-07-01", "2008-09-30"),
        ("first half of 2010", "2010-01-01", "2010-06-30"),
        ("in March 2008", "2008-03-01", "2008-03-31"),
        ("from 15 September 2008 to Sept. 30, 2009", "2008-09-15", "2009-09-30"),
        ("2008-09-15 to 2009-09-15", "2008-09-15", "2009-09-15"),
        ("2008/9/15 to 2009.9.15", "2008-09-15", "2009-09-15"),
        ("from the beginning of 2006 to the end of 2009", "2006-01-01", "2009-12-31"),
        ("in the 2000s", "2000-01-01", "2009-12-31"),
        ("three years from 2005", "2005-01-01", "2007-12-31"),
        ("the last three years until 2009", "2007-01-01", "2009-12-31"),
        ("2008年到2012年", "2008-01-01", "2012-12-31"),
        ("从2008年3月至2009年9月", "2008-03-01", "2009-09-30"),
        ("2008年9月15日到2009年1月5日", "2008-09-15", "2009-01-05"),
        ("二〇〇八年到二〇一二年", "2008-01-01", "2012-12-31"),
        ("2008年第三季度", "2008-07-01", "2008-09-30"),
        ("2008年三季度到2010年下半年", "2008-07-01", "2010-12-31"),
        ("2008年初到2010年底", "2008-01-01", "2010-12-31"),
        ("08年到2010年", "2008-01-01", "2010-12-31"),
        ("2005年起三年", "2005-01-01", "2007-12-31"),
        ("介于2005年和2010年之间", "2005-01-01", "2010-12-31"),
    ],
)
def test_period(prompt: str, start: str, end: str) -> None:
    assert said(prompt) == {"start": start, "end": end}


@pytest.mark.parametrize(
    ("prompt", "key", "day"),
    [
        ("since 2008", "start", "2008-01-01"), ("from 2008 onwards", "start", "2008-01-01"),
        ("2008年以来", "start", "2008-01-01"), ("自2008年起", "start", "2008-01-01"),
        ("2008年至今", "start", "2008-01-01"), ("from 2008 to now", "start", "2008-01-01"),
        ("after 2008", "start", "2009-01-01"), ("until 2010", "end", "2010-12-31"),
        ("before 2010", "end", "2009-12-31"), ("2010年之前", "end", "2009-12-31"),
        ("the last five years", "start", "2008-03-01"), ("past 18 months", "start", "2011-09-01"),
        ("最近五年", "start", "2008-03-01"), ("过去18个月", "start", "2011-09-01"),
        ("the past decade", "start", ""), ("first three years", "end", "2003-02-28"),
    ],
)  # fmt: skip
def test_one_bound(prompt: str, key: str, day: str) -> None:
    assert said(prompt) == ({key: day} if day else {})


@pytest.mark.parametrize(
    "prompt",
    ["3/4/2008", "2008-09", "from 2010 to 2008", "last year", "2008年以后", "前五年",
     "on 2008-09-15", "2008-13-01", "30 February 2008", "5 years", "98年", "in May"],
)  # fmt: skip
def test_what_is_unclear_or_impossible_is_not_a_period(prompt: str) -> None:
    reading = read(prompt, TODAY, SAMPLE)
    assert reading.asks or any(reading.leftovers)
