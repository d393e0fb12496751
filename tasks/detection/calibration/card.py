"""The calibration card: what a detector does where there is nothing to find, and where there is."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv

from tasks.detection.calibration.budget import FEWEST_BARS, budget_of
from tasks.detection.calibration.hypothesis import IMPOSE
from tasks.detection.calibration.injection import Response, measure_response
from tasks.detection.calibration.null import block_length, null_series
from tasks.detection.calibration.strength import Strength, strength_of
from tasks.detection.registry import REGISTRY, build_detector
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import DetectorSpec
    from taskspecs.discovery import CalibrationSpec

SURE = 0.95
"""Of the upper bound of the rate of false alarms."""
CARD_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Card:
    """How often a detector is wrong on the data it watches, and what it notices there.

    Parameters
    ----------
    spec
        The detector's part of the TaskSpec.
    series, sampled
        How many series it watches, and how many of them null data were made from.
    block_bars
        Median over the sampled series of the mean length of the blocks that were resampled.
    null_bars
        Bars of null data that it was run over.
    strengths
        Of its alarms there, all of them false; the weakest first.
    responses
        What it made of planted changes, by size.
    """

    spec: DetectorSpec
    series: int
    sampled: int
    block_bars: float
    null_bars: int
    strengths: tuple[Strength, ...]
    responses: tuple[Response, ...]

    @property
    def card_id(self) -> str:
        """Name the card by the detector's part of the spec."""
        return card_id(self.spec)

    @property
    def false_alarms_per_1000(self) -> float | None:
        """Alarms in 1,000 bars of null data; None without null data."""
        return 1_000 * len(self.strengths) / self.null_bars if self.null_bars else None

    @property
    def false_alarms_per_1000_upper(self) -> float | None:
        """The upper end, at 95 %, of what that rate may be (Clopper and Pearson, 1934)."""
        count, bars = len(self.strengths), self.null_bars
        if not bars or count == bars:
            return None
        return float(1_000 * betaincinv(count + 1, bars - count, SURE))

    def p_value(self, strength: Strength) -> float:
        """Return the chance of an alarm at least as strong at a bar of null data.

        The empirical p-value (1 + b) / (1 + n): b of n null bars had such an alarm (Davison and
        Hinkley, 1997; Phipson and Smyth, 2010). It is never below 1 / (1 + n), and is valid where
        the bar is exchangeable with those of the null data.
        """
        stronger = len(self.strengths) - bisect_left(self.strengths, strength)
        return (1 + stronger) / (1 + self.null_bars)


def card_id(spec: DetectorSpec) -> str:
    """Return the name of a detector's card."""
    return name_card(spec.model_dump(mode="json"))


def name_card(settings: Mapping[str, Any]) -> str:
    """Return the first hex digits of the digest of a detector's settings, as JSON has them."""
    return digest(settings)[:CARD_DIGITS]


def calibrate(
    spec: DetectorSpec, series: Sequence[NDArray[np.float64]], settings: CalibrationSpec
) -> Card:
    """Run a detector over null data made from the series that it watches.

    Parameters
    ----------
    spec
        The detector and its settings.
    series
        The usable bars of each series, shape (n, fields), in the order of time; in an order of
        their own that does not depend on how they were read.
    settings
        How many bars, how many planted changes, the seed.

    Returns
    -------
    Card
        The same for the same series, spec and settings, on any machine.

    Notes
    -----
    Look-ahead: the whole of all series: a card is for judging alarms, not for trading on them.
    Null data keep the marginal distribution and the memory that the series have once sure changes,
    or outliers, are taken out (`hypothesis`). A change of level that is small beside how the series
    wanders by itself stays in them, so alarms of it are not kept: that is the price of a rate of
    false ones that holds under volatility clustering (`scripts/bench/discovery.py`). Null
    data have no times: a detector that learns hours does without.
    """
    budget = budget_of(spec, settings, sum(map(len, series)))
    rng = np.random.default_rng([settings.seed, int(card_id(spec), 16)])
    usable = [values for values in series if len(values) >= FEWEST_BARS]
    most = max(1, -(-budget.null_bars // budget.longest))
    sampled = [usable[place] for place in sorted(rng.permutation(len(usable))[:most])]
    quiet = [IMPOSE[REGISTRY[spec.detector].finds](values) for values in sampled]
    blocks = [block_length(values) for values in quiet]
    nulls = list(null_series(quiet, blocks, bars=budget.null_bars, longest=budget.longest, rng=rng))
    return Card(
        spec=spec,
        series=len(series),
        sampled=len(sampled),
        block_bars=float(np.median(blocks)) if blocks else 0.0,
        null_bars=sum(map(len, nulls)),
        strengths=tuple(sorted(s for null in nulls for s in _alarms(spec, null))),
        responses=tuple(measure_response(spec, nulls, budget.injections)),
    )


def _alarms(spec: DetectorSpec, null: NDArray[np.float64]) -> list[Strength]:
    _, alarms = build_detector(spec).run(null)
    return [strength_of(REGISTRY[spec.detector].finds, alarm) for _, alarm in alarms]
