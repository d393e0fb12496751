"""The same spec on the same data leaves the same bytes, whatever the hash seed and the threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.results import digest

REPOSITORY = Path(__file__).parents[2]
ZONES = ("raw", "refined", "feature", "report", "runs")
"""What a run leaves in the lake; the ledger holds times of the clock."""

SPEC = """
name: everything
data: {symbols: [AAPL, GOOG, IBM, MSFT], start: 2007-01-01}
features:
  sets: [kbar]
  define:
    momentum: $close / Ref($close, 60) - 1
    volatility: Std($close / Ref($close, 1), 20)
aggregation: {normalise: zscore}
signal: {expression: "$momentum - 0.2 * $KLEN", label: "Ref($close, -6) / Ref($close, -1) - 1"}
detection:
  - {detector: adwin, scope: market, watch: $dispersion}
  - {detector: kswin, watch: $volatility}
  - {detector: half_space_trees, watch: [$volatility, $momentum], n_trees: 5, height: 5}
backtest:
  strategy: weights
  weighting: proportional
  topk: 3
  rebalance_bars: 3
  suspend_on: {scope: market, bars: 10, min_confidence: 0.5}
  scale_on: {scope: symbol, bars: 10, min_confidence: 0.5}
"""


LINES = SPEC.splitlines()[6:8]
OTHER_ORDER = SPEC.replace("\n".join(LINES), "\n".join(reversed(LINES)))

ON_ONE_CORE = (
    "import os, sys; hasattr(os, 'sched_setaffinity') and "
    "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); os.execv(sys.argv[1], sys.argv[1:])"
)


def environment(seed: str, threads: str) -> dict[str, str]:
    names = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
             "LOKY_MAX_CPU_COUNT")  # fmt: skip
    return {**os.environ, "PYTHONHASHSEED": seed, **dict.fromkeys(names, threads)}


def digests(workspace: Path) -> dict[str, str]:
    lake = workspace / ".qraft/lake"
    return {
        (name := path.relative_to(lake).as_posix()): digest(name, path.read_bytes())
        for zone in ZONES
        for path in sorted((lake / zone).rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_file_of_a_run_is_the_same(tmp_path):
    folders = {"1": tmp_path / "one", "2": tmp_path / "other"}
    for seed, (threads, folder) in enumerate(folders.items(), 7):
        folder.mkdir()
        (folder / "spec.yaml").write_text(SPEC if threads == "1" else OTHER_ORDER)
        on = [sys.executable, "-c", ON_ONE_CORE] if threads == "1" else []
        command = [sys.executable, "-m", "agent.cli.main", "--workspace", str(folder)]
        subprocess.run(
            [*on, *command, "run", str(folder / "spec.yaml")], cwd=REPOSITORY, check=True,
            env=environment(str(seed), threads), stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
    assert OTHER_ORDER != SPEC
    one, other = map(digests, folders.values())
    stages, cards = 8, 3  # the source as it was landed, seven stages; a card for each detector
    assert sum(path.endswith("manifest.json") for path in one) == stages + cards
    assert one == other
