"""What each feature does for a model: within the fit, and out of sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tasks.signal.coefficient import information_coefficient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.signal.learning import Observations
    from tasks.signal.models.protocol import Fitted
    from tasks.signal.walk_forward import Fold

    Rows = NDArray[np.int64]

MOST_ROWS: Final = 10_000
"""Rows of a test window that are predicted anew for each feature."""
IMPORTANCE_SCHEMA = {
    "window": pl.Int64,
    "feature": pl.String,
    "gain": pl.Float64,
    "permutation": pl.Float64,
}


def measure_importance(
    seen: Observations, fitted: Fitted, fold: Fold, *, seed: int
) -> pl.DataFrame:
    """Measure the importance of each feature in one window.

    Parameters
    ----------
    seen
        Features and labels.
    fitted
        The window's model.
    fold
        The window.
    seed
        Of the permutation.

    Returns
    -------
    polars.DataFrame
        ``window``; ``feature``; ``gain``: its share of what the fit gained (LightGBM: of the loss
        taken by splits; linear: of the coefficients' sizes); ``permutation``: by how much the mean
        rank IC of the test window falls when the feature's values are exchanged among the symbols
        of each decision. Null where there are too few labels to correlate; exactly 0 for a feature
        that the model does not use.

    Notes
    -----
    Of a long test window, decisions at equal distances are taken, about 10,000 rows in all.
    Look-ahead: it looks at the labels of the test window: for judging, never for scores.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45; out of sample, as Lopez de Prado (2018),
    chapter 8, asks for.
    """
    gain = fitted.gain
    rows = _choose(seen, fold)
    features = seen.features[rows]
    keys = seen.keys[rows]
    drop = np.full(len(gain), np.nan)
    base = _rank_ic(keys, fitted.predict(features)) if len(rows) else None
    if base is not None:
        other = _exchange(keys["ts"], np.random.default_rng([seed, fold.number]))
        for place, used in enumerate(gain > 0):
            drop[place] = base - _without(features, place, other, keys, fitted) if used else 0.0
    return pl.DataFrame(
        {
            "window": [fold.number] * len(gain),
            "feature": list(seen.names),
            "gain": gain,
            "permutation": pl.Series(drop).fill_nan(None),
        },
        schema=IMPORTANCE_SCHEMA,
    )


def _choose(seen: Observations, fold: Fold) -> Rows:
    """Take rows with labels, of whole decisions at equal distances."""
    rows = seen.rows(fold.test)
    labelled = np.arange(rows.start, rows.stop)[~np.isnan(seen.targets[rows])]
    decisions = np.unique(seen.bar[labelled])
    step = -(-len(labelled) // MOST_ROWS) or 1
    return labelled[np.isin(seen.bar[labelled], decisions[::step])]


def _exchange(ts: pl.Series, rng: np.random.Generator) -> Rows:
    """For each row, draw the row of the same time whose value it takes."""
    times = ts.to_physical().to_numpy()
    return np.lexsort((rng.random(len(times)), times))


def _without(
    features: NDArray[np.float32], place: int, other: Rows, keys: pl.DataFrame, fitted: Fitted
) -> float:
    """Return the rank IC without what one feature knows; `features` is left as it was."""
    own = features[:, place].copy()
    features[:, place] = own[other]
    value = _rank_ic(keys, fitted.predict(features))
    features[:, place] = own
    return 0.0 if value is None else value  # constant scores order nothing


def _rank_ic(keys: pl.DataFrame, scores: NDArray[np.float64]) -> float | None:
    scored = keys.select("symbol", "ts").with_columns(score=pl.Series(scores))
    mean = information_coefficient(scored, keys)["rank_ic"].mean()
    return float(mean) if isinstance(mean, float) else None
