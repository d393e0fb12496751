"""Errors say what, where, what is allowed, and what to do; their class is the exit code."""

from __future__ import annotations

import pytest

from configs import errors
from configs.errors import BadInput, Place, QraftError, did_you_mean
from configs.remedies import Mend


def test_an_error_has_all_its_parts_a_line_each():
    error = BadInput(
        "`two` is no number", place=Place("a.yaml", 3, 9, "backtest.topk"), hint="write 2",
        remedy=Mend.PLAN_SPEC(spec="a.yaml"),
    )  # fmt: skip
    assert str(error).splitlines() == [
        "a.yaml:3:9, key backtest.topk: `two` is no number",
        "write 2",
    ]
    assert error.document() == {
        "kind": "BadInput", "what": "`two` is no number", "hint": "write 2", "exit_code": 2,
        "place": {"file": "a.yaml", "line": 3, "column": 9, "key": "backtest.topk"},
        "remedy": {"name": "plan_spec", "arguments": {"spec": "a.yaml"}},
    }  # fmt: skip


def test_a_located_error_is_the_same_error():
    error = errors.Forbidden("no", hint="why", remedy=Mend.TRY_AGAIN())
    located = error.at(Place("a.yaml", 1))
    assert type(located) is errors.Forbidden
    assert (located.what, located.hint, located.remedy) == ("no", "why", Mend.TRY_AGAIN())
    assert str(located).startswith("a.yaml:1: no")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.BadInput, 2), (errors.Forbidden, 3), (errors.Failed, 1), (errors.Damaged, 1),
        (errors.Busy, 1), (errors.Unreachable, 1),
    ],
)  # fmt: skip
def test_exit_codes(kind, code):
    assert issubclass(kind, QraftError)
    assert kind("x").exit_code == code


def test_near_matches_come_first_and_long_lists_end():
    assert did_you_mean("adwim", ["adwin", "x"]).startswith("did you mean 'adwin'? allowed:")
    assert did_you_mean("q", [f"symbol{n:03}" for n in range(40)]).endswith(", ...")
    assert did_you_mean("b", {"b", "a"}) == "did you mean 'b'? allowed: a, b"
