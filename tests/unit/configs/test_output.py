"""Data to stdout, talk to stderr; tables that fit; JSON that every program reads."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from configs import output

ROWS = [
    {"name": "[red]x[/red]", "rows": 12_345, "about": "a long text " * 20, "ok": True},
    {"name": "y", "rows": 7, "about": None, "ok": False},
]


@pytest.fixture
def columns(monkeypatch):
    return lambda number: monkeypatch.setenv("COLUMNS", str(number))


def test_a_table_fits_the_terminal(columns, capsys):
    columns(60)
    output.print_rows(ROWS, ["name", "rows", "about", "ok"], empty="")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("long" in line for line in lines) > 1


def test_values_are_data_and_never_markup(columns, capsys):
    columns(200)
    output.print_rows(ROWS, ["name"], empty="")
    assert "[red]x[/red]" in capsys.readouterr().out


def test_a_pipe_gets_a_row_a_line(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    output.print_rows(ROWS, ["name", "rows", "about", "ok"], empty="", title="Things")
    assert len(capsys.readouterr().out.strip().splitlines()) == len(
        ["title", "head", "rule", *ROWS]
    )


def test_a_cut_column_leaves_the_others_whole(columns, capsys):
    columns(50)
    output.print_rows(ROWS, ["name", "about", "rows"], empty="", cut=["about"])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(["head", "rule", *ROWS])
    assert "[red]x[/red]" in out
    assert "12,345" in out
    assert "…" in out


def test_no_rows_is_said_and_is_no_data(capsys):
    output.print_rows([], ["name"], empty="nothing yet")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "nothing yet\n")


def test_counts_of_one_column_are_written_alike(columns, capsys):
    columns(80)
    output.print_rows([{"n": 1_234_567}, {"n": 2013}], ["n"], empty="")
    assert "2,013" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"), (True, "yes"), (2013, "2013"), (123_456, "123,456"),
        (0.000123456, "0.0001235"), (98765.4, "98,765"),
        (datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02"),
        (datetime(2020, 1, 2, 21, 30, tzinfo=UTC), "2020-01-02 21:30"), (["a", 1.5], "a, 1.5"),
        (date(2020, 1, 2), "2020-01-02"),
    ],
)  # fmt: skip
def test_values_are_written_for_people(value, text):
    assert output.shown(value) == text


def test_json_is_json_for_every_reader(capsys):
    value = {
        "nan": float("nan"), "inf": [float("inf")], "é": date(2020, 1, 2), "t": (1, 2),
        "at": datetime(2020, 1, 2, 3, tzinfo=UTC), 1: "key",
    }  # fmt: skip
    output.print_json(value)
    out = capsys.readouterr().out
    assert json.loads(out, parse_constant=pytest.fail) == {
        "nan": None, "inf": [None], "é": "2020-01-02", "t": [1, 2],
        "at": "2020-01-02T03:00:00+00:00", "1": "key",
    }  # fmt: skip
    assert "é" in out


def test_facts_are_pairs(columns, capsys):
    columns(40)
    output.print_facts({"name": "x", "about": "y" * 60}, title="Facts")
    assert capsys.readouterr().out.splitlines()[:3] == ["", "Facts", "name   x"]


def test_write_chooses_by_reader(capsys):
    output.write(True, {"a": 1}, lambda: pytest.fail("not for a program"))
    output.write(False, {"a": 1}, lambda: output.talk("hello"))
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"a": 1}
    assert captured.err == "hello\n"
