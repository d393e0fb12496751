"""A model's signal: out of sample only, the same bytes again, and what finds which leak."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import tasks.signal.walk_forward
from configs.errors import BadInput
from tasks.aggregation import aggregate
from tasks.features import evaluate
from tasks.signal import information_coefficient, label
from tasks.signal.chain import scored
from tasks.signal.modelled import check_model, label_horizon, train_signal
from taskspecs.features import all_expressions
from taskspecs.load import parse

BARS, SYMBOLS = 260, 12

STUDY = """\
name: study
features:
  define:
    reversal: 1 - $close / Ref($close, 1)
    momentum: $close / Ref($close, 20) - 1
    volatility: Std($close / Ref($close, 1) - 1, 10)
signal:
  model:
    kind: {model}
    windows: {{train_bars: 100, valid_bars: 30, test_bars: 40, embargo_bars: 2}}
"""
TREES = STUDY.format(model="lightgbm\n    lambda_l1: 0\n    num_leaves: 6\n    lambda_l2: 1")
LINES = STUDY.format(model="linear\n    alpha: 1")
KINDS = {"lightgbm": TREES, "linear": LINES}


def make_bars():
    """Returns fall back: what rose falls by a part of it two bars later, as the label counts."""
    rng = np.random.default_rng(4)
    shocks = rng.normal(0, 0.02, (BARS, SYMBOLS))
    shocks[2:] -= 0.6 * shocks[:-2]
    close = 50 * np.exp(np.cumsum(shocks, axis=0))
    first = datetime(2020, 1, 1, 21, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range(BARS)]
    frame = pl.DataFrame(
        {
            "symbol": [f"S{n:02}" for n in range(SYMBOLS)] * BARS,
            "ts": [day for day in days for _ in range(SYMBOLS)],
            "close": close.ravel(),
            "volume": rng.uniform(1, 2, BARS * SYMBOLS),
        }
    ).cast({"ts": pl.Datetime("us", "UTC")})
    return frame.with_columns(known_at="ts").sort("symbol", "ts")


@pytest.fixture(scope="module")
def bars():
    return make_bars()


def learnt(bars, spec, **options):
    features = evaluate(bars, all_expressions(spec.features))
    features = aggregate(features, bars, spec.aggregation, zone="UTC").features
    return train_signal(features, bars, spec.signal.model, spec.signal.label, **options)


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def study(request, bars):
    spec = parse(request.param)
    return spec, learnt(bars, spec)


def test_scores_are_out_of_sample_only(study, bars):
    spec, trained = study
    calendar = bars["ts"].unique().sort()
    first = 100 + 2 + 30 + 2 + 2
    assert trained.scores["ts"].unique().sort().to_list() == calendar[first:].to_list()
    assert trained.scores["score"].is_finite().all()
    row = trained.windows.row(0, named=True)
    assert (row["train_start"], row["train_end"]) == (calendar[0], calendar[99])
    assert (row["valid_start"], row["valid_end"]) == (calendar[102], calendar[131])
    assert (row["test_start"], row["test_end"]) == (calendar[first], calendar[first + 39])
    assert trained.windows["test_rows"].sum() == len(trained.scores)
    assert_frame_equal(scored(bars, spec), trained.scores)


def test_what_is_there_is_learnt(study, bars):
    spec, trained = study
    ic = information_coefficient(trained.scores, label(bars, spec.signal.label))
    assert ic["rank_ic"].mean() > 0.2
    means = trained.importance.group_by("feature").mean().sort("permutation")
    assert means["feature"][-1] == "reversal"
    assert means["permutation"][-1] > 0.1
    shares = trained.importance.group_by("window").agg(pl.col("gain").sum())
    assert shares["gain"].to_list() == pytest.approx([1] * len(trained.windows))


def test_bytes_do_not_depend_on_threads(study, bars):
    spec, trained = study
    again = learnt(bars, spec, threads=1)
    for name in ("scores", "windows", "importance"):
        assert_frame_equal(getattr(again, name), getattr(trained, name), check_exact=True)


def test_progress_is_told_window_by_window(bars):
    heard = []
    learnt(bars, parse(LINES), on_progress=heard.append)
    assert heard == [1 / 4, 2 / 4, 3 / 4, 1]


def test_where_tests_overlap_the_newest_model_predicts(bars):
    overlapping = parse(LINES.replace("test_bars: 40", "test_bars: 40, step_bars: 20"))
    narrow = parse(LINES.replace("test_bars: 40", "test_bars: 20"))
    ours = learnt(bars, overlapping).scores
    assert_frame_equal(ours, learnt(bars, narrow).scores)


def test_weekly_decisions_are_learnt_from(bars):
    spec = parse(LINES.replace("signal:", "aggregation: {every: week, normalise: rank}\nsignal:"))
    scores = learnt(bars, spec).scores
    assert 5 < scores["ts"].n_unique() < 20
    assert check_model(scores, bars, spec, spec.signal.model).verdict["clean"]


def test_windows_without_anything_to_learn_are_refused(bars):
    hole = bars.with_columns(
        close=pl.when(pl.col("ts") > pl.lit(bars["ts"].unique().sort()[150])).then("close")
    )
    with pytest.raises(BadInput, match=r"signal\.model\.windows: window 0 .* nothing to learn"):
        learnt(hole, parse(LINES))


def test_an_honest_model_is_clean(study, bars):
    spec, trained = study
    verdict = check_model(trained.scores, bars, spec, spec.signal.model).verdict
    assert verdict["clean"], verdict["text"]
    assert verdict["cuts"] == 5 + 2
    assert f"{2 * SYMBOLS} scores of 2 models" in verdict["text"]


def leaky_purge(monkeypatch):
    """Train up to the test, as one does who forgets that labels look ahead."""
    honest = tasks.signal.walk_forward.walk_forward

    def forgetful(bars, windows, horizon):
        for fold in honest(bars, windows, horizon):
            yield replace(fold, train=range(fold.train.start, fold.test.start))

    monkeypatch.setattr("tasks.signal.training.walk_forward", forgetful)
    monkeypatch.setattr("tasks.signal.refit.walk_forward", forgetful)


def test_a_purge_that_is_forgotten_is_found_by_fitting_again(bars, monkeypatch):
    leaky_purge(monkeypatch)
    spec = parse(LINES)
    verdict = check_model(learnt(bars, spec).scores, bars, spec, spec.signal.model).verdict
    assert not verdict["clean"]
    assert "a model fitted again looks ahead: score of S00" in verdict["text"]


def test_features_that_look_ahead_are_found_on_cut_data(bars, monkeypatch):
    """Past the static analysis, which refuses `Ref($close, -1)`, as a faulty engine might."""

    def normalised_by_all(frame, expressions, **options):
        out = evaluate(frame, expressions, **options)
        return out.with_columns(momentum=pl.col("momentum") - pl.col("momentum").mean())

    monkeypatch.setattr("tasks.aggregation.featured.evaluate", normalised_by_all)
    spec = parse(LINES)
    scores = learnt(bars, spec).scores
    verdict = check_model(scores, bars, spec, spec.signal.model).verdict
    assert not verdict["clean"]
    assert "features: looks ahead: momentum" in verdict["text"]


def test_a_column_that_holds_the_label_is_not_found_by_cutting_but_shows(bars):
    """Such a row says the same however the data is cut: only its success gives it away."""
    answers = label(bars, parse(LINES).signal.label).rename({"label": "amount"})
    smuggled = bars.join(answers, on=["symbol", "ts"], how="left")
    spec = parse(LINES.replace("    reversal:", "    hint: $amount\n    reversal:"))
    trained = learnt(smuggled, spec)
    assert check_model(trained.scores, smuggled, spec, spec.signal.model).verdict["clean"]
    ic = information_coefficient(trained.scores, label(bars, spec.signal.label))
    assert ic["rank_ic"].mean() > 0.9
    means = trained.importance.group_by("feature").mean().sort("permutation")
    assert means["feature"][-1] == "hint"
    assert means["permutation"][-1] > 0.7


def test_the_horizon_is_read_from_the_label():
    assert label_horizon("Ref($close, -6) / Ref($close, -1) - 1") == 6
    assert label_horizon("Mean(Ref($close, -20), 5) / $close") == 20
