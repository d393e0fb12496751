"""Digests of all that the shipped studies leave behind, on periods that are short.

They were written down before the code that computes was ordered anew, and are what it is held
against since. Where a change of a result is meant, or a library that computes comes in a new
version, they are written anew::

    python -m tests.golden
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.settings import load_settings
from configs.workspace import open_workspace
from taskspecs.catalogue import find
from taskspecs.load import load
from taskspecs.schema import TaskSpec

if TYPE_CHECKING:
    from tasks.dag.session import Session

KEPT = Path(__file__).with_name("golden.json")
SAMPLE = {"source": "sample", "path": None}
WINDOWS = {"train_bars": 120, "valid_bars": 60, "test_bars": 60, "embargo_bars": 5}

STUDIES: dict[str, dict[str, Any]] = {
    "us_momentum": {"data": {"start": date(2012, 1, 3)}},
    "us_reversal": {"data": {"start": date(2012, 1, 3)}},
    "us_momentum_drift_aware": {
        "data": {"start": date(2008, 1, 2), "end": date(2009, 12, 31)},
        "discovery": {"method": "none"},  # so that there are patterns
    },
    "crypto_breakout": {},
    "alpha158_lightgbm": {
        "data": {**SAMPLE, "start": date(2011, 9, 1)},
        "signal": {"model": {"windows": WINDOWS}},
        "backtest": {"topk": 2, "n_drop": 1},
    },
}
"""Shipped studies, each with what is not as it is shipped."""

MINUTES = 3 * 1_440


def shortened(study: str) -> TaskSpec:
    """Return a shipped study on its short period."""
    spec, _ = load(find(study))
    return TaskSpec.model_validate(_merged(spec.model_dump(), STUDIES[study]))


def _merged(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return values | {
        name: _merged(values[name], value) if isinstance(value, dict) else value
        for name, value in over.items()
    }


def leave(study: str, folder: Path) -> Session:
    """Run a shipped study on its short period, in a workspace of its own."""
    from tasks.runs.run import run

    write_minutes(folder / "btc_perp_1m.parquet")
    workspace = open_workspace(folder)
    return run(shortened(study), workspace, load_settings(workspace)).session


def digests(session: Session) -> dict[str, str]:
    """Digest every file of a run but the page, by stage and name; of a table, its values."""
    found = {}
    for stage in session.plan.stages[:-1]:
        manifest = session.manifest(stage.name)
        for file in manifest.files:
            raw = session.lake.read(manifest, file.name)
            table = file.name.endswith(".parquet")
            found[f"{stage.name}/{file.name}"] = digest_table(raw) if table else digest(raw)
    return found


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def digest_table(raw: bytes) -> str:
    """Digest the columns of a table, their types and all values to the last bit."""
    frame = pl.read_parquet(raw)
    hashed = hashlib.sha256()
    for column in frame.iter_columns():
        hashed.update(f"{column.name} {column.dtype}\n{column.to_list()!r}\n".encode())
    return hashed.hexdigest()[:16]


def write_minutes(path: Path) -> None:
    """Write three days of minutes, as an exchange gives them; made by the four rules alone."""
    random = np.random.default_rng(4)
    close = 40_000 + np.cumsum(random.integers(-40, 41, MINUTES).astype(float))
    before = np.append(close[:1], close[:-1])
    begun = datetime(2024, 1, 5, tzinfo=UTC).replace(tzinfo=None)
    pl.DataFrame(
        {
            "timestamp": [begun + timedelta(minutes=n) for n in range(MINUTES)],
            "open": before,
            "high": np.maximum(before, close) + 8,
            "low": np.minimum(before, close) - 8,
            "close": close,
            "volume": random.integers(100_000, 1_000_000, MINUTES).astype(float),
        }
    ).write_parquet(path)


def main() -> None:
    kept = {}
    for study in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            kept[study] = digests(leave(study, Path(folder)))
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
