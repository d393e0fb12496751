"""Keys change with what they depend on, and with nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from configs.errors import Damaged
from tasks.dag.plan import make_plan, read_plan
from tasks.dag.stages import BY_NAME, STAGES
from taskspecs.load import parse

SPEC = """
name: study
features: {define: {momentum: "$close / Ref($close, 20) - 1"}}
signal: {expression: $momentum}
detection: [{detector: adwin, watch: $momentum}]
"""


def keys(text: str = SPEC, data: str = "d0", **also):
    plan = make_plan(parse(text), data_digest=data, original_name="prices.csv", **also)
    return {stage.name: stage.key for stage in plan.stages}


def changed(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


ALL = list(keys())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SPEC + "backtest: {topk: 3}\n", ["backtest", "report"]),
        (SPEC + "description: other words\n", ["report"]),
        (SPEC.replace("adwin, watch", "adwin, delta: 0.01, watch"), ["detection", "report"]),
        (SPEC.replace("expression: $m", "expression: -$m"), ["signal", "backtest", "report"]),
        (SPEC + "aggregation: {normalise: rank}\n", ALL[2:]),
        (SPEC.replace("20)", "21)"), ALL[1:]),
        (SPEC + "data: {symbols: [AAPL, IBM]}\n", ALL),
    ],
)
def test_only_what_depends_on_a_section_gets_a_new_key(text, expected):
    assert changed(keys(), keys(text)) == expected


COARSE = SPEC + "data: {frequency: 1min}\naggregation: {bars: 15min, normalise: rank}\n"


def test_coarser_bars_are_a_stage_that_features_depend_on():
    assert list(keys(COARSE)) == [kind.name for kind in STAGES]
    assert "resampling" not in ALL
    later = [name for name in keys(COARSE) if name != "ingest"]
    assert changed(keys(COARSE), keys(COARSE.replace("15min", "30min"))) == later
    other = COARSE.replace("rank", "zscore")
    assert changed(keys(COARSE), keys(other)) == later[2:]


def test_the_order_of_names_is_no_part_of_a_study():
    one, other = (
        parse(SPEC.replace('{momentum: "$close / Ref($close, 20) - 1"}', text))
        for text in ("{momentum: $close, a: $open}", "{a: $open, momentum: $close}")
    )
    assert list(one.features.define) == list(other.features.define)
    assert one.model_dump_json() == other.model_dump_json()


SUSPENDED = SPEC + "backtest: {suspend_on: {scope: symbol}}\n"


def test_the_backtest_depends_on_patterns_where_they_act():
    other = SUSPENDED.replace("adwin, watch", "adwin, delta: 0.01, watch")
    assert changed(keys(SUSPENDED), keys(other)) == ["detection", "backtest", "report"]
    assert changed(keys(), keys(SUSPENDED)) == ["backtest", "report"]


def test_other_data_or_another_time_change_everything():
    assert changed(keys(), keys(data="d1")) == ALL
    assert changed(keys(), keys(as_of=datetime(2012, 1, 1, tzinfo=UTC))) == ALL


def test_equal_specs_written_differently_are_the_same_run():
    spelled_out = SPEC + "aggregation: {normalise: none}\n# a comment\n"
    assert keys() == keys(spelled_out)


def test_a_saved_plan_is_read_back_whole():
    plan = make_plan(
        parse(SPEC), data_digest="d0", original_name="prices.csv",
        as_of=datetime(2012, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert read_plan(plan.to_json()) == plan
    with pytest.raises(Damaged):
        read_plan(b"{}")


def test_every_stage_reads_only_earlier_stages():
    names = [kind.name for kind in STAGES]
    for position, kind in enumerate(STAGES):
        read = {*kind.inputs, *(stage for stage, _ in kind.where)}
        assert read <= set(names[:position])
        assert BY_NAME[kind.name] is kind
