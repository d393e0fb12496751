"""Standardised values for detectors that ask for values in [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.drift.watch import RiverWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH = 3.0
"""Standard deviations either side of the mean that are mapped into [0, 1]; what lies beyond is set
to the end."""


class BoundedWatch(RiverWatch):
    """One of River's detectors for values in [0, 1], given standardised ones."""

    def first_drift(self, values: Sequence[float]) -> int | None:
        """Take values up to the first at which there is a drift, and return its index."""
        unit = np.clip(0.5 + np.array(values) * (0.5 / REACH), 0.0, 1.0)
        return super().first_drift(unit.tolist())
