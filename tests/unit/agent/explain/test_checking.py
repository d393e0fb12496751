"""Comparisons, falls, and saved explanations checked against the warehouse, on real runs."""

from __future__ import annotations

import copy
import json

import pytest

from agent.explain.fall import explain_fall
from agent.explain.prose.writing import Written, compose
from agent.explain.shown import to_json, to_text, writer_of
from agent.explain.subject import explain_wanted
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_warehouse


@pytest.fixture(scope="module")
def told(demo_shell):
    return demo_shell.json("explain", "last")


@pytest.fixture
def check(demo_shell, tmp_path):
    def checked(saved, exit_code=1):
        path = tmp_path / "saved.json"
        path.write_text(json.dumps(saved))
        done = demo_shell.run("explain", "--check", str(path), "--json", exit_code=exit_code)
        return [each["what"] for each in json.loads(done.stdout)]

    return checked


def test_a_saved_explanation_holds(check, told):
    assert check(told, exit_code=0) == []


def value_changed(saved):
    saved["values"][0]["value"] = "another"
    return saved["values"][0]["reference"]


def shown_changed(saved):
    found = next(v for v in saved["values"] if v["reference"] == "run.sharpe")
    found["shown"] = "5.00"
    return "run.sharpe"


def row_changed(saved):
    saved["values"][1]["sources"][0]["sha256"] = "0" * 64
    return saved["values"][1]["reference"]


def text_changed(saved):
    saved["text"] = saved["text"].replace("worst", "best")
    return "text"


def citation_changed(saved):
    saved["citations"].append({"number": 99, "table": "metrics", "key": {}, "sha256": "0"})
    return "citations"


def value_left_out(saved):
    return saved["values"].pop()["reference"]


def called_a_models(saved):
    saved["assistant"] = {"kind": "model", "sentences": ["The Sharpe ratio is 5."]}
    return saved["about"]


@pytest.mark.parametrize(
    "change",
    [value_changed, shown_changed, row_changed, text_changed, citation_changed, value_left_out,
     called_a_models],
)  # fmt: skip
def test_what_was_changed_is_named(check, told, change):
    saved = copy.deepcopy(told)
    assert change(saved) in check(saved)


def test_a_models_explanation_is_checked_too(check, demo_shell):
    workspace = open_workspace(str(demo_shell.workspace))
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        template = explain_wanted(warehouse, ["last"])
    sentences = ("Sharpe ratio is {{run.sharpe}}.",)
    made = compose(template.about, sentences, {v.reference: v for v in template.values})
    saved = to_json(made, writer_of(Written(made, "a model", sentences)))
    assert check(saved, exit_code=0) == []
    saved["assistant"]["sentences"] = ["Sharpe ratio is {{run.sharpe}}, {{run.symbols}}."]
    assert "text" in check(saved)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"about": "", "values": []}', "\x00"])
def test_what_is_no_explanation_is_refused(demo_shell, tmp_path, content):
    path = tmp_path / "saved.json"
    path.write_text(content)
    demo_shell.run("explain", "--check", str(path), exit_code=2)


def test_why_did_the_drawdown_of_2008_happen(demo_shell):
    told = demo_shell.json("explain", "why did the drawdown of 2008 happen")
    values = {each["reference"]: each["value"] for each in told["values"]}
    assert values["drawdown.trough"].startswith("2008")
    assert values["drawdown.depth"] < 0
    assert values["worst[0].net_return"] <= values["worst[1].net_return"] < 0
    assert "rows cannot say" in told["text"]
    assert demo_shell.json("explain", "2008年的回撤为什么发生") == told


def test_a_year_without_a_fall_is_said(rows):
    assert "never stood below" in to_text(explain_fall(rows, 1987))


def test_a_question_about_several_years_is_refused(demo_shell):
    demo_shell.run("explain", "why the drawdown of 2008 and 2009", exit_code=2)


def test_one_run_is_no_comparison(demo_shell):
    done = demo_shell.run("explain", "last", "us_momentum", exit_code=2)
    assert "1 run cannot be compared" in done.stderr
