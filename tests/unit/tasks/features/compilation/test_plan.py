from collections import Counter

import pytest

from tasks.features.compilation.graph import Constant, Part
from tasks.features.compilation.lowering.windows import halve, overlap
from tasks.features.compilation.plan import Plan, compile_plan
from tasks.features.compilation.stages import cut_stages
from taskspecs.expressions import parse
from taskspecs.expressions.sets import expand


def plan(**texts: str) -> Plan:
    return compile_plan({name: parse(text) for name, text in texts.items()})


def kernels(compiled: Plan) -> Counter[str]:
    return Counter(step.kernel for step in compiled.steps)


def test_common_parts_are_computed_once() -> None:
    one = plan(a="Std($close, 20) / $close")
    two = plan(a="Std($close, 20) / $close", b="Log(Div(Std($close, 2*10), $close))")
    assert kernels(two) - kernels(one) == Counter({"Log": 1})
    assert kernels(plan(a="$close + 1", b="$close + 1.0"))["Add"] == 2


def test_windows_share_their_parts() -> None:
    merges = [
        kernels(plan(**{f"w{n}": f"Sum($close, {n})" for n in windows}))["merge_sum"]
        for windows in ((20,), (40,), (20, 40))
    ]
    assert merges[2] == merges[1] == merges[0] + 1


def test_one_sorted_window_serves_all_order_statistics() -> None:
    compiled = plan(
        a="Quantile($close, 20, 0.8)", b="Rank($close, 20)", c="Med($close, 20)",
        d="Quantile($close, 20, 0.8) - $close", e="Rank($close, 10)",
    )  # fmt: skip
    assert kernels(compiled)["order"] == 2
    widths = sorted(step.width for step in compiled.steps if step.kernel == "order")
    assert widths == [1, 3]


@pytest.mark.parametrize("name", ["alpha101", "alpha158", "alpha360"])
def test_steps_read_what_is_there_and_let_go_of_everything(name: str) -> None:
    for stage in cut_stages({k: parse(v) for k, v in expand(name).items()}):
        alive: set[int] = set()
        done: list[int] = []
        for number, step in enumerate(stage.plan.steps):
            alive.add(number)
            read = [o for o in step.operands if not isinstance(o, Constant)]
            read += [operand for _, operand in stage.plan.emitted[number]]
            for operand in read:
                assert (operand.register if isinstance(operand, Part) else operand) in alive
            done += [place for place, _ in stage.plan.emitted[number]]
            alive -= set(stage.plan.released[number])
        assert alive == set()
        assert sorted(done) == list(range(len(stage.plan.names)))


def test_comparisons_cut_stages() -> None:
    stages = cut_stages(
        {
            "a": parse("CSRank(Mean(CSRank($close), 5)) + CSRank($close)"),
            "b": parse("CSRank($close)"),
            "c": parse("$close"),
        }
    )
    assert [len(stage.comparisons) for stage in stages] == [1, 1, 0]
    assert stages[-1].plan.inputs == ("#1", "#0", "close")


@pytest.mark.parametrize("rows", [2, 3, 5, 7, 8, 60, 61, 100_000])
def test_windows_are_split_without_gap(rows: int) -> None:
    newer, older = halve(rows)
    assert newer + older == rows
    length, lag = overlap(rows)
    assert 0 < lag <= length
    assert length + lag == rows
    assert length.bit_count() == 1


def test_long_windows_have_short_plans() -> None:
    assert len(plan(a="Kurt($close, 99999)").steps) < 250
