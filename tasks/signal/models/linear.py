"""Least squares by scikit-learn, the baseline that a model has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.signal.models.protocol import Sample
    from taskspecs.models import LinearSpec

    Floats = NDArray[np.float64]

CHUNK_ROWS: Final = 20_000
"""Rows in double precision at a time."""
MAD_TO_STD: Final = 1.4826
TINY: Final = 1e-12
"""Added to the spread of a feature, as qlib does."""
BOUND: Final = 3.0
"""Values beyond are held there."""


class Linear:
    """Ordinary least squares or ridge regression on robustly scaled features, without intercept.

    An intercept would be the same for all symbols at a time and change no order of them.

    Parameters
    ----------
    spec
        Hyperparameters.

    Notes
    -----
    The rows are first reduced to a triangle by orthogonal transformations, chunk by chunk, which
    leaves both problems' solutions as they are (Golub, Van Loan, "Matrix Computations", section
    5.3): memory does not grow with the window. One thread, for threads change the last digits.
    """

    def __init__(self, spec: LinearSpec, _threads: int = 1) -> None:
        self._alpha = spec.alpha

    def fit(self, train: Sample, valid: Sample | None) -> FittedLinear:
        """Solve for the coefficients; `valid` decides nothing."""
        from sklearn.linear_model import LinearRegression, Ridge

        scale = Scale.of(train.features)
        solver = Ridge(self._alpha, fit_intercept=False) if self._alpha else LinearRegression(
            fit_intercept=False
        )  # fmt: skip
        with threadpool_limits(1):
            triangle = _triangle(train, scale)
            solver.fit(triangle[:, :-1], triangle[:, -1])
        return FittedLinear(scale, np.asarray(solver.coef_, np.float64))


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the middle of each feature is and how far it spreads, in the training window."""

    median: Floats
    spread: Floats

    @classmethod
    def of(cls, features: NDArray[np.float32]) -> Self:
        """Measure features of shape (rows, features), one at a time; a missing one is left as 0."""
        median, spread = np.zeros((2, features.shape[1]))
        for number, column in enumerate(features.T):
            there = column[~np.isnan(column)].astype(np.float64)
            if there.size:
                median[number] = np.median(there)
                spread[number] = np.median(np.abs(there - median[number]))
        return cls(median, (spread + TINY) * MAD_TO_STD)

    def apply(self, features: NDArray[np.float32]) -> Floats:
        """Scale, hold within bounds, and put the middle where a value is missing."""
        scaled = np.clip((features - self.median) / self.spread, -BOUND, BOUND)
        return np.nan_to_num(scaled, copy=False, nan=0.0)


class FittedLinear:
    """Coefficients, of shape (features,), of scaled features."""

    def __init__(self, scale: Scale, coefficients: Floats) -> None:
        self._scale = scale
        self.coefficients = coefficients

    def predict(self, features: NDArray[np.float32]) -> Floats:
        """Weigh the features."""
        values = np.empty(len(features))
        with threadpool_limits(1):
            for start in range(0, len(features), CHUNK_ROWS):
                rows = slice(start, start + CHUNK_ROWS)
                # a sum along rows, not a matrix product: a row's value does not depend on others
                weighed = self._scale.apply(features[rows]) * self.coefficients
                values[rows] = weighed.sum(axis=1)
        return values

    @property
    def gain(self) -> Floats:
        """Each coefficient's share of all, by size."""
        sizes = np.abs(self.coefficients)
        total = sizes.sum()
        return np.asarray(sizes / total if total > 0 else sizes, np.float64)

    @property
    def size(self) -> int:
        """Coefficients that are not 0."""
        return int(np.count_nonzero(self.coefficients))


def _triangle(train: Sample, scale: Scale) -> Floats:
    """Reduce rows of features and label to a square of the same least squares problem."""
    width = train.features.shape[1] + 1
    triangle = np.zeros((0, width))
    for start in range(0, len(train.features), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        scaled = scale.apply(train.features[rows])
        chunk = np.column_stack([scaled, train.labels[rows].astype(np.float64)])
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, chunk]), mode="r"))
    return triangle
