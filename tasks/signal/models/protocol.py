"""What every model keeps to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows to learn from.

    Attributes
    ----------
    features
        Float32, shape (rows, features), C order; NaN where missing. Not to be changed.
    labels
        Float32, shape (rows,); none is missing.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.float32]


class Fitted(Protocol):
    """A model that has learnt."""

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Predict labels.

        Parameters
        ----------
        features
            Float32, shape (rows, features); NaN where missing.

        Returns
        -------
        NDArray[float64]
            Shape (rows,), finite; a row's value depends on that row only.
        """

    @property
    def gain(self) -> NDArray[np.float64]:
        """What each feature did for the fit, as shares of 1, shape (features,); all 0 for none.

        A feature of gain 0 has no part in predictions.
        """

    @property
    def size(self) -> int:
        """How large the model became: trees, or coefficients that are not 0."""


class Model(Protocol):
    """A way to learn; equal samples give equal bits, whatever the number of threads."""

    def fit(self, train: Sample, valid: Sample | None) -> Fitted:
        """Learn from `train`; `valid` may decide when to stop."""
