"""Checks of whether a strategy's return may be luck, given all that was tried on its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured
from gate.statistics.deflation import deflate
from gate.statistics.moments import Moments, moments
from gate.statistics.overfitting import overfitting_probability
from gate.statistics.probabilistic import minimum_track_record, probabilistic_sharpe
from gate.statistics.superiority import superiority

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence

NO_RETURNS = Measured(
    None, "no returns that vary can be read; if its data were sealed since, run it again"
)


def _moments(evidence: Evidence) -> Moments | None:
    return moments(evidence.returns)


def _probabilistic(evidence: Evidence) -> Measured:
    found = _moments(evidence)
    if found is None:
        return NO_RETURNS
    yearly = found.sharpe * evidence.bars_per_year**0.5
    return Measured(
        probabilistic_sharpe(found),
        f"Sharpe ratio {yearly:.2f} a year over {found.bars} bars, skewness {found.skewness:.2f}, "
        f"kurtosis {found.kurtosis:.2f}",
    )


def _deflated(evidence: Evidence) -> Measured:
    found, family = _moments(evidence), evidence.family
    if found is None:
        return NO_RETURNS
    deflation = deflate(found, family.sharpes, family.returns, family.trials)
    hurdle = deflation.hurdle * evidence.bars_per_year**0.5
    return Measured(
        deflation.probability,
        f"the best of {deflation.trials} trials ({deflation.effective_trials:.1f} independent) "
        f"is expected to show {hurdle:.2f} a year without skill",
    )


def _superior(evidence: Evidence) -> Measured:
    family, bars = evidence.family, len(evidence.returns)
    if _moments(evidence) is None:
        return NO_RETURNS
    if family.returns.shape[0] != bars or len(evidence.benchmark) != bars:
        return Measured(None, "the family's returns are not known on these bars")
    excess = family.returns - evidence.benchmark[:, None]
    found = superiority(excess, family.candidate)
    return Measured(
        found.candidate, f"{family.returns.shape[1]} trials compared; the best has {found.family:g}"
    )


def _overfitted(evidence: Evidence) -> Measured:
    found = overfitting_probability(evidence.family.returns)
    return Measured(found, "fewer than two trials to compare" if found is None else "")


def _record(evidence: Evidence) -> Measured:
    found = _moments(evidence)
    if found is None:
        return NO_RETURNS
    needed = minimum_track_record(found)
    if needed == float("inf"):
        return Measured(0.0, "no record of a Sharpe ratio at or below zero is long enough")
    return Measured(found.bars / needed, f"{found.bars:,} bars, where {needed:,.0f} would do")


PROBABILISTIC = Check(
    "probabilistic_sharpe", "the Sharpe ratio is above zero, and not by chance alone",
    "probability", "at least", _probabilistic, "a longer period or a steadier return would show it",
)  # fmt: skip
DEFLATED = Check(
    "deflated_sharpe", "the Sharpe ratio exceeds what the best of all trials shows by luck",
    "probability", "at least", _deflated,
    "fresh data would show it; each further trial on these data makes it harder",
)  # fmt: skip
SUPERIOR = Check(
    "superior_ability", "among all trials, this one beats its benchmark by more than luck",
    "p-value", "at most", _superior, "a return further above the benchmark's would show it",
)  # fmt: skip
OVERFITTED = Check(
    "overfitting", "what is best in one half of time is not below average in the other",
    "probability", "at most", _overfitted,
    "fewer variants, or some whose difference has a reason", advice=True,
)  # fmt: skip
RECORD = Check(
    "track_record", "the record is long enough for its Sharpe ratio, at 95%",
    "of the length needed", "at least", _record, "take a longer period",
)  # fmt: skip
