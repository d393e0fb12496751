"""The shipped policy against luck and against skill, as the bench simulates them."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "bench" / "gate_simulation.py"


@pytest.fixture(scope="module")
def simulation():
    spec = spec_from_file_location("gate_simulation", SCRIPT)
    module = module_from_spec(spec)
    sys.modules["gate_simulation"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def policy(simulation):
    return simulation.validate(simulation.Policy, simulation.read_document(simulation.SHIPPED))


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_best_of_a_hundred_noises_is_stopped(simulation, policy, correlation):
    found = simulation.rate(policy, simulation.World(correlation=correlation), 60)
    assert found["to_paper"]["count"] <= 3


@pytest.mark.slow
def test_real_skill_comes_through(simulation, policy):
    found = simulation.rate(policy, simulation.World(skill=3.5), 10)
    assert found["to_paper"]["count"] >= 8


def test_a_simulated_search_is_what_it_says(simulation):
    found = simulation.simulate(simulation.World(trials=7), 3)
    assert found.family.returns.shape == (simulation.BARS, 7)
    assert int(found.family.sharpes.argmax()) == found.family.candidate
    planted = simulation.simulate(simulation.World(trials=7, skill=2.0), 3)
    assert planted.family.candidate == 0
