"""The sealed holdout: what the strategy brought where nobody had looked, and who had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured
from gate.statistics.probabilistic import probabilistic_sharpe

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence


def _held(evidence: Evidence) -> Measured:
    """Measure the newest look; of all on these data, each is allowed its share of the error."""
    holdout = evidence.holdout
    if holdout.sealed_from is None:
        return Measured(
            None, "these data have no seal: name a day or a share under `holdout` in qraft.yaml"
        )
    if not holdout.seen:
        return Measured(None, f"sealed from {holdout.sealed_from}, and not opened yet")
    found = holdout.found
    if found is None:
        return Measured(None, "the holdout has no returns that vary")
    doubt = holdout.family_looks * (1 - probabilistic_sharpe(found))
    yearly = found.sharpe * evidence.bars_per_year**0.5
    return Measured(
        max(0.0, 1 - doubt),
        f"Sharpe ratio {yearly:.2f} a year over {found.bars} bars from {holdout.sealed_from}, "
        f"{holdout.looks} looks by this strategy, {holdout.family_looks} by all on these data",
    )


def _contaminated(evidence: Evidence) -> Measured:
    holdout = evidence.holdout
    if holdout.sealed_from is None:
        return Measured(None, "these data have no seal")
    return Measured(
        float(holdout.contaminated),
        f"of {evidence.family.trials} trials, these read past {holdout.sealed_from} before it was "
        "sealed",
    )


HOLDOUT = Check(
    "holdout", "the return continued where nobody had looked", "probability", "at least", _held,
    "`qraft gate holdout STRATEGY --reason TEXT` looks, and the look is counted",
)  # fmt: skip
CONTAMINATION = Check(
    "contamination", "no trial had seen the holdout before it was sealed", "trials", "at most",
    _contaminated, "seal data that nobody has tried anything on", advice=True,
)  # fmt: skip
