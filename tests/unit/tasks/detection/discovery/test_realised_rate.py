"""Where nothing happens, hardly any run keeps a pattern; what happens is found.

The design of `scripts/bench/discovery.py`, smaller.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[5]


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location(
        "discovery_bench", REPOSITORY / "scripts" / "bench" / "discovery.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["null normal, drift", "null one factor, drift"])
def test_the_rate_is_under_the_level_on_null_data(bench, name):
    (case,) = (case for case in bench.CASES if case.name == name)
    assert bench.measure(case, 40)["false_discovery_rate"] <= bench.LEVEL


def test_what_is_planted_is_found(bench):
    (case,) = (case for case in bench.CASES if case.name == "shift of 2 std, drift")
    measured = bench.measure(case, 4)
    assert measured["power"] >= 0.75
    assert measured["false_discovery_rate"] <= bench.LEVEL
