"""A signal is an expression or a model, and a model can be run as it is written."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from taskspecs.load import parse

GOOD = """\
name: study
features:
  define:
    momentum: $close / Ref($close, 120) - 1
signal:
  model:
    kind: lightgbm
    learning_rate: 0.1
    windows:
      train_bars: 500
      test_bars: 60
  label: Ref($close, -5) / Ref($close, -1) - 1
"""

BAD = {
    "both": ("  label:", "  expression: $momentum\n  label:", "key signal", ["either"]),
    "neither": (GOOD[GOOD.index("  model") : GOOD.index("  label")], "", "key signal", ["either"]),
    "no such model": (
        "lightgbm", "lightgmb", "7:11, key signal.model.kind", ["did you mean 'lightgbm'"],
    ),
    "no kind": ("    kind: lightgbm\n", "", "key signal.model", ["`kind` is missing"]),
    "key of another": (
        "learning_rate: 0.1", "alpha: 0.1", "8:5, key signal.model.alpha", ["unknown key"],
    ),
    "text for a number": ("rate: 0.1", "rate: fast", "key signal.model.learning_rate", ["`fast`"]),
    "out of range": ("rate: 0.1", "rate: 3", "key signal.model.learning_rate", ["less than"]),
    "no training": ("train_bars: 500", "train_bars: 0", "windows.train_bars", ["greater than"]),
    "bars without prediction": (
        "test_bars: 60", "test_bars: 60\n      step_bars: 90", "key signal.model.windows",
        ["step_bars 90 must not be above test_bars 60"],
    ),
    "nothing to stop by": (
        "test_bars: 60", "test_bars: 60\n      valid_bars: 0", "key signal.model",
        ["early_stopping_rounds needs windows.valid_bars"],
    ),
    "no features": (
        GOOD[GOOD.index("features") : GOOD.index("signal")], "", "4:5, key signal.model",
        ["learns from features", "alpha158"],
    ),
    "nothing to foretell": (
        "Ref($close, -5) / Ref($close, -1) - 1", "$close / Ref($close, 1) - 1",
        "12:10, key signal.label", ["does not look ahead"],
    ),
    "a look ahead in a feature": (
        "Ref($close, 120)", "Ref($close, -1)", "4:15, key features.define.momentum",
        ["looks 1 rows ahead"],
    ),
    "capitals only": (
        "momentum: $close", "Momentum: $open\n    momentum: $close", "key features.define.",
        ["differ in capitals only"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_mistake_is_located_and_explained(case):
    old, new, place, words = case
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        parse(GOOD.replace(old, new, 1))
    for word in (place, *words):
        assert word in str(caught.value)


def test_defaults_are_qlibs_benchmark():
    model = parse(GOOD.replace("    learning_rate: 0.1\n", "")).signal.model
    # examples/benchmarks/LightGBM/workflow_config_lightgbm_Alpha158.yaml of qlib
    benchmark = {
        "colsample_bytree": 0.8879, "learning_rate": 0.2, "subsample": 0.8789,
        "lambda_l1": 205.6999, "lambda_l2": 580.9768, "max_depth": 8, "num_leaves": 210,
        "num_boost_round": 1_000, "early_stopping_rounds": 50, "label_norm": "zscore",
    }  # fmt: skip
    assert {name: getattr(model, name) for name in benchmark} == benchmark


def test_a_linear_model_leaves_no_bars_for_validation():
    spec = parse(GOOD.replace("lightgbm", "linear").replace("    learning_rate: 0.1\n", ""))
    assert spec.signal.model.windows.valid_bars == 0
    assert spec.signal.model.windows.train_bars == 500


def test_a_feature_of_a_set_can_be_replaced():
    text = GOOD.replace("  define:", "  sets: [alpha158]\n  define:\n    VWAP0: $high / $close")
    assert parse(text).features.define["VWAP0"] == "$high / $close"
