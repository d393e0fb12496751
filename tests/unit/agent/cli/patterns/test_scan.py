from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def series(tmp_path):
    rng = np.random.default_rng(4)
    values = rng.poisson(20, 700).astype(float)
    values[600] = 300
    hours = [f"2024-01-{1 + row // 24 % 28:02d} {row % 24:02d}:00:00" for row in range(700)]
    frame = pl.DataFrame({"when": hours, "load": values, "note": "x"})
    frame.write_csv(tmp_path / "load.csv")
    frame.write_parquet(tmp_path / "load.parquet")
    return tmp_path


def test_a_csv_and_a_parquet_score_alike(shell, series) -> None:
    for kind in ("csv", "parquet"):
        out = series / f"{kind}.out"
        summary = shell.json(
            "patterns", "scan", str(series / f"load.{kind}"),
            "--value", "load", "--time", "when", "--scores", str(out),
        )  # fmt: skip
        assert summary["rows"] == 700
        assert summary["flags"] >= 1
    scores = pl.read_csv(series / "csv.out")
    assert scores.columns == ["when", "load", "score", "flag"]
    assert scores["flag"][600] == 1
    assert (series / "csv.out").read_bytes() == (series / "parquet.out").read_bytes()


def test_without_a_place_scores_are_printed(shell, series) -> None:
    done = shell.run("patterns", "scan", str(series / "load.csv"), "--value", "load")
    assert done.stdout.splitlines()[0] == "load,score,flag"
    assert len(done.stdout.splitlines()) == 701
    assert "raised an alarm" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--value", "laod"], "no column 'laod'"),
        (["--value", "note"], "'x' in row 1"),
        (["--value", "load", "--time", "note"], "does not hold times"),
        (["--value", "load", "--detector", "adwim"], "did you mean"),
        (["--value", "load", "--scores", "/nowhere/at/all.csv"], "no folder"),
        (["--value", "load", "--json"], "--scores"),
    ],
)
def test_mistakes_are_named(shell, series, arguments, said: str) -> None:
    done = shell.run("patterns", "scan", str(series / "load.csv"), *arguments, exit_code=2)
    assert said in done.stderr
    assert not json.loads("[]" if not done.stdout else done.stdout)


def test_the_file_that_is_read_is_never_overwritten(shell, series) -> None:
    path = str(series / "load.csv")
    before = (series / "load.csv").read_bytes()
    shell.run("patterns", "scan", path, "--value", "load", "--scores", path, exit_code=2)
    assert (series / "load.csv").read_bytes() == before
