"""A model on the road from a spec to a report: refused early, repeatable, recorded."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

STUDY = """\
name: trees
features:
  define:
    reversal: 1 - $close / Ref($close, 5)
    momentum: $close / Ref($close, 120) - 1
    volatility: Std($close / Ref($close, 1) - 1, 20)
signal:
  model:
    kind: lightgbm
    lambda_l1: 0.1
    lambda_l2: 1
    num_leaves: 8
    subsample_freq: 1
    windows: {train_bars: 1500, valid_bars: 250, test_bars: 800}
"""


def written(shell, text):
    (shell.workspace / "trees.yaml").write_text(text)
    return str(shell.workspace / "trees.yaml")


def test_windows_longer_than_the_data_exit_2_and_write_nothing(shell):
    done = shell.run("run", written(shell, STUDY.replace("1500", "3500")), exit_code=2)
    assert "trees.yaml:14:14, key signal.model.windows" in done.stderr
    assert "3,500 to train" in done.stderr
    assert "lower train_bars" in done.stderr
    assert not list((shell.workspace / ".qraft").rglob("*.parquet"))


def results(shell):
    """The bytes of all that was computed, by where they are."""
    lake = shell.workspace / ".qraft" / "lake"
    return {
        path.relative_to(lake): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*lake.rglob("*.parquet"), *lake.rglob("*-report.html")]
    }


@pytest.mark.slow
def test_a_run_is_the_same_bytes_again(shell, tmp_path_factory):
    found = shell.json("run", written(shell, STUDY))
    other = type(shell)(tmp_path_factory.mktemp("other"))
    subprocess.run(
        other.command("run", written(other, STUDY)), check=True, capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "5", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1",
             "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert results(other) == results(shell)

    importance = pl.read_parquet(next(shell.workspace.rglob("*-importance.parquet")))
    assert set(importance["feature"]) == {"reversal", "momentum", "volatility"}
    windows = pl.read_parquet(next(shell.workspace.rglob("*-windows.parquet")))
    assert windows["window"].to_list() == [0, 1]
    page = Path(found["report"]).read_text(encoding="utf-8")
    assert "What each model learnt from" in page
    assert "models fitted again on data cut at their first decision are the same" in page
    assert "by the model lightgbm" in shell.run("explain", "last").stdout
