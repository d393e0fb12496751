"""How often the shipped policy lets luck through to paper, and how often skill, by simulation.

Each family is a search: many trials on the same bars, of which the best is proposed, and the
holdout is opened for it once. What is simulated is returns; what judges them is the code that
judges real ones, with the policy of configs/gate.yaml. Checks that returns say nothing of (leak,
data, costs) are held to pass: a real strategy has those against it too.

    .venv/bin/python scripts/bench/gate_simulation.py --json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).parents[2]))

from configs.document import read_document
from configs.validation import validate
from gate.checks.evidence import Digests, Evidence, Family, Holdout
from gate.checks.table import CHECKS
from gate.policy.file import SHIPPED
from gate.policy.policy import Policy
from gate.statistics.moments import moments

if TYPE_CHECKING:
    from gate.checks.evidence import Floats

YEAR = 252
BARS = 5 * YEAR
HOLDOUT_BARS = YEAR
VOLATILITY = 0.01
GIVEN = {"leak_clean": 1.0, "health_refused": 0.0, "cost_bps_round_trip": 24.0}


@dataclass(frozen=True)
class World:
    """What kind of search is simulated.

    Attributes
    ----------
    trials
        Of each family.
    correlation
        Between trials, by what they have in common.
    skill
        True Sharpe ratio a year of one trial, which is the one that is proposed; none for noise,
        where the best of all is.
    """

    trials: int = 100
    correlation: float = 0.0
    skill: float | None = None


def simulate(world: World, seed: int) -> Evidence:
    """Return the evidence of what one search proposes."""
    rng = np.random.default_rng(seed)
    bars = BARS + HOLDOUT_BARS
    common = rng.standard_t(5, (bars, 1)) * np.sqrt(0.6 * world.correlation)
    own = rng.standard_t(5, (bars, world.trials)) * np.sqrt(0.6 * (1 - world.correlation))
    returns = VOLATILITY * (common + own)
    if world.skill is not None:
        returns[:, 0] += VOLATILITY * world.skill / np.sqrt(YEAR)
    seen = returns[:BARS]
    sharpes = seen.mean(axis=0) / seen.std(axis=0, ddof=1)
    chosen = 0 if world.skill is not None else int(sharpes.argmax())
    return Evidence(
        "simulated@1", f"r{seed}", Digests("s", "c", "d", "e"),
        figures={**GIVEN, "bars": float(BARS), "max_drawdown": drawdown(seen[:, chosen])},
        returns=seen[:, chosen],
        benchmark=np.zeros(BARS),
        stress=({"scenario": "costs_x2", "sharpe": float(sharpes[chosen]), "meaning": ""},),
        family=Family("f", world.trials, {}, sharpes, seen, chosen),
        holdout=Holdout(
            "simulated", date(2020, 1, 1), 1, 1, seen=True, found=moments(returns[BARS:, chosen])
        ),
    )  # fmt: skip


def drawdown(returns: Floats) -> float:
    """Return the deepest fall from a peak, at most 0."""
    account = np.concatenate([[1.0], np.cumprod(1 + returns)])
    return float((account / np.maximum.accumulate(account) - 1).min())


def passes(policy: Policy, evidence: Evidence) -> tuple[bool, bool]:
    """Whether the step to paper's checks hold: all but the holdout, and all."""
    rest = {name: bound for name, bound in policy.paper.checks.items() if name != "holdout"}
    # The first that fails decides; the dearest come last.
    before = all(CHECKS[name].evaluate(evidence, bound).passed for name, bound in rest.items())
    held = policy.paper.checks.get("holdout")
    return before, before and (held is None or CHECKS["holdout"].evaluate(evidence, held).passed)


def rate(policy: Policy, world: World, families: int) -> dict[str, Any]:
    """Return how many of some families come through, with exact 95 % intervals."""
    found = [passes(policy, simulate(world, seed)) for seed in range(families)]
    before, through = (sum(one[n] for one in found) for n in (0, 1))
    return {
        "families": families, "trials": world.trials, "correlation": world.correlation,
        "skill": world.skill,
        "before_holdout": _share(before, families), "to_paper": _share(through, families),
    }  # fmt: skip


def _share(count: int, of: int) -> dict[str, Any]:
    interval = binomtest(count, of).proportion_ci(confidence_level=0.95, method="exact")
    return {"count": count, "rate": count / of, "low": interval.low, "high": interval.high}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", type=int, default=500)
    parser.add_argument("--skilled", type=int, default=100, help="families with planted skill")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    policy = validate(Policy, read_document(SHIPPED))
    began = time.process_time()
    noise = [(World(correlation=common), arguments.families) for common in (0.0, 0.5)]
    skill = [(World(skill=sharpe), arguments.skilled) for sharpe in (2.0, 3.0, 1.0, 2.5, 1.5)]
    rows = []
    for world, families in noise + skill:
        row = rate(policy, world, families)
        rows.append(row)
        kind = "noise" if row["skill"] is None else f"one of Sharpe {row['skill']:g}"
        shares = [row["before_holdout"], row["to_paper"]]
        told = [f"{s['rate']:.1%} ({s['low']:.1%} to {s['high']:.1%})" for s in shares]
        print(
            f"{row['trials']} trials, {kind}, correlation {row['correlation']:g}: "
            f"before the holdout {told[0]}, to paper {told[1]}",
            flush=True,
        )
    if arguments.json:
        print(json.dumps({"rows": rows, "cpu_s": round(time.process_time() - began, 1),
                          "bars": BARS, "holdout_bars": HOLDOUT_BARS}))  # fmt: skip


if __name__ == "__main__":
    main()
