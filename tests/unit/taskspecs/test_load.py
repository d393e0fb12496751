"""A spec that cannot be run is refused with file, line, key, value and what was probably meant."""

from __future__ import annotations

from datetime import date

import pytest

from configs.errors import BadInput
from taskspecs.load import load, parse
from taskspecs.schema import TaskSpec

GOOD = """\
name: study
description: what a person would search for
data:
  source: sample
  symbols: [AAPL, "000001"]
features:
  sets: [kbar]
  define:
    momentum: $close / Ref($close, 120) - 1
signal:
  expression: $momentum
  label: Ref($close, -2) / Ref($close, -1) - 1
detection:
  - detector: adwin
    watch: Abs($close / Ref($close, 1) - 1)
    delta: 0.002
  - detector: half_space_trees
    watch:
      - $momentum
      - $KMID
  - detector: adwin
    scope: market
    watch: $dispersion
backtest:
  topk: 2
  n_drop: 1
  benchmark: equal_weight
"""

DEEP = "(" * 900 + "$close" + ")" * 900

# What is replaced, by what, where it is found wrong, and words of the complaint.
BAD: dict[str, tuple[str, str, str, list[str]]] = {
    "unknown section": ("backtest:", "bactest:", "24:1, key bactest", ["'backtest'"]),
    "unknown key": ("topk: 2", "top_k: 2", "25:3, key backtest.top_k", ["`top_k`", "'topk'"]),
    "key of another detector": (
        "delta: 0.002", "n_trees: 3", "16:5, key detection[0].n_trees", ["warmup_bars"],
    ),
    "no such detector": (
        "detector: adwin", "detector: adwim", "14:15, key detection[0].detector",
        ["`adwim`", "did you mean 'adwin'? allowed: adwin, "],
    ),
    "no detector": ("- detector: half", "- detektor: half", "key detection[1]", ["`detector`"]),
    "text for a number": ("topk: 2", "topk: two", "25:9, key backtest.topk", ["`two`", "integer"]),
    "part of a number": ("topk: 2", "topk: 2.5", "25:9, key backtest.topk", ["`2.5`"]),
    "quoted number": ("topk: 2", "topk: '2'", "25:9, key backtest.topk", ["`2`", "integer"]),
    "truth for a number": ("delta: 0.002", "delta: true", "key detection[0].delta", ["`true`"]),
    "no number at all": ("delta: 0.002", "delta: 1e999", "key detection[0].delta", ["finite"]),
    "too large": ("delta: 0.002", "delta: 2", "16:12, key detection[0].delta", ["less than 1"]),
    "at odds": ("n_drop: 1", "n_drop: 5", "25:3, key backtest", ["n_drop 5", "topk 2"]),
    "number for a name": ("name: study", "name: 12", "1:7, key name", ['in quotes: "12"']),
    "name of a path": ("name: study", "name: ../evil", "1:7, key name", ["`../evil`"]),
    "name of two words": ("name: study", "name: my study", "1:7, key name", ["`my study`"]),
    "number for a symbol": (
        '"000001"', "000001", "5:19, key data.symbols[1]", ["`000001`", 'in quotes: "000001"'],
    ),
    "path for a symbol": ("AAPL", "../x", "5:13, key data.symbols[0]", ["`../x`", "must match"]),
    "one symbol": ('[AAPL, "000001"]', "AAPL", "5:12, key data.symbols", ["`AAPL`", "array"]),
    "no such day": (
        "source: sample", "source: sample\n  start: 2012-02-31", "5:10, key data.start",
        ["`2012-02-31`", "date"],
    ),
    "no day": ("source: sample", "source: sample\n  end: soon", "key data.end", ["`soon`"]),
    "days as a number": (
        "source: sample", "source: sample\n  end: 20130101", "key data.end", ["date"],
    ),
    "days the wrong way": (
        "source: sample", "source: sample\n  start: 2013-01-02\n  end: 2012-01-02", "4:3, key data",
        ["2013-01-02 must be before end 2012-01-02"],
    ),
    "no such hour": (
        "source: sample", "source: sample\n  session_close: 25:00", "key data.session_close",
        ["`25:00`"],
    ),
    "no such frequency": (
        "source: sample", "source: sample\n  frequency: daily", "5:14, key data.frequency",
        ["`daily`", "did you mean 'day'?"],
    ),
    "path without a file source": (
        "source: sample", "source: sample\n  path: a.csv", "4:3, key data", ["source `file`"],
    ),
    "file without a path": ("source: sample", "source: file", "4:3, key data", ["need `path`"]),
    "no such set": ("[kbar]", "[kbars]", "7:10, key features.sets[0]", ["'kbar'"]),
    "parenthesis left open": (
        "Ref($close, 120) - 1", "Ref($close, 120 - 1", "9:15, key features.define.momentum",
        ["never closed", "^", "add ')'"],
    ),
    "operator left alone": (
        "$close / Ref", "$close / / Ref", "9:15, key features.define.momentum", ["^"],
    ),
    "no such operator": (
        "Ref($close, 120)", "Reff($close, 120)", "key features.define.momentum",
        ["'Reff'", "'Ref'"],
    ),
    "no such field": (
        "momentum: $close", "momentum: $clsoe", "9:15, key features.define.momentum",
        ["$clsoe", "'close'"],
    ),
    "no such feature": (
        "expression: $momentum", "expression: $momentun", "11:15, key signal.expression",
        ["$momentun", "'momentum'"],
    ),
    "a look ahead": (
        "Ref($close, 120)", "Ref($close, -1)", "9:15, key features.define.momentum",
        ["looks 1 rows ahead", "only a label"],
    ),
    "share's field for the market": (
        "watch: $dispersion", "watch: $close", "23:12, key detection[2].watch", ["dispersion"],
    ),
    "in a list": ("- $KMID", "- $KMIDD", "20:9, key detection[1].watch[1]", ["$KMIDD", "'KMID'"]),
    "watched twice": ("- $KMID", "- $momentum", "key detection[1].watch", ["watched twice"]),
    "feature that hides a field": (
        "momentum: $close", "close: $close", "9:5, key features.define.close",
        ["bars have a field"],
    ),
    "feature with a bad name": (
        "momentum: $close", "Big One: $close", "key features.define.Big One", ["`Big One`"],
    ),
    "empty expression": (
        "expression: $momentum", "expression: ''", "key signal.expression", ["least 1"],
    ),
    "endless expression": (
        "expression: $momentum", f"expression: {DEEP}", "key signal.expression", ["nested deeper"],
    ),
    "no signal": (
        "signal:\n  expression: $momentum\n  label: Ref($close, -2) / Ref($close, -1) - 1\n", "",
        "key signal", ["the key `signal` is missing"],
    ),
    "empty signal": ("signal:\n  expression: $momentum\n  label", "signal:\nx", "key signal", []),
    "no such benchmark": (
        "benchmark: equal_weight", "benchmark: equal weight", "27:14, key backtest.benchmark",
        ["'equal_weight'"],
    ),
    "duplicate key": ("n_drop: 1", "topk: 3", "26:3, key backtest.topk", ["given in line 25"]),
    "alias": ("source: sample", "source: &x sample", "4:11, key data.source", ["anchors and"]),
    "tag": ("topk: 2", "topk: !!int 2", "25:9, key backtest.topk", ["tag"]),
    "merge": ("topk: 2", "<<: {topk: 2}", "25:3, key backtest.<<", ["unknown key `<<`"]),
    "too deep": ("[kbar]", "[" * 50 + "kbar" + "]" * 50, "7:", ["nested deeper"]),
    "broken YAML": ("[kbar]", "[kbar", "", ["not valid YAML"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_place_and_what_was_meant(case, tmp_path):
    old, new, place, words = BAD[case]
    assert old in GOOD
    path = tmp_path / "study.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as refused:
        load(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:")
    assert place in message
    assert [word for word in words if word not in message] == []
    assert refused.value.exit_code == 2


def test_what_is_right_is_read():
    spec = parse(GOOD)
    assert spec.data.symbols == ("AAPL", "000001")
    assert spec.detection[1].watched == ("$momentum", "$KMID")
    assert spec.backtest.costs.open_bps > 0


def test_the_document_knows_where_all_stands(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(GOOD)
    _, document = load(path)
    assert str(document.place(("backtest", "topk"))) == f"{path}:25:9, key backtest.topk"


def test_days_are_days():
    spec = parse(GOOD.replace("source: sample", "source: sample\n  start: 2010-01-04"))
    assert spec.data.start == date(2010, 1, 4)


def test_a_spec_never_changes():
    with pytest.raises(ValueError, match="frozen"):
        parse(GOOD).name = "other"


def test_the_schema_describes_every_key():
    schema = TaskSpec.model_json_schema()
    undescribed = [
        f"{model['title']}.{name}"
        for model in [schema, *schema["$defs"].values()]
        for name, about in model["properties"].items()
        if not {"description", "$ref", "const"} & about.keys()
    ]
    assert undescribed == []
