"""Evidence: all that the checks of a policy look at, as plain values. Pure.

`gate.evidence.assembling.assemble` makes it from the ledger and the lake; a test or a notebook
makes it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from gate.statistics.moments import Moments

    Floats = NDArray[np.float64]


def _nothing() -> Floats:
    return np.empty(0)


def _no_times() -> NDArray[np.datetime64]:
    return np.empty(0, "datetime64[s]")


@dataclass(frozen=True, slots=True)
class Digests:
    """What an approval binds.

    Attributes
    ----------
    spec, code, data
        sha256 of the resolved spec, of what decides the values of all stages, and of the source's
        bytes.
    evidence
        sha256 of what the run submitted: figures, and the keys and digests of what they were read
        from. Trials that others add to the family later do not change it: the checks see them.
    """

    spec: str
    code: str
    data: str
    evidence: str

    def document(self) -> dict[str, str]:
        """Return them by name."""
        return {
            "spec": self.spec, "code": self.code, "data": self.data, "evidence": self.evidence,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All trials on the same data, whatever they were called.

    Attributes
    ----------
    name
        Names the family; see `gate.evidence.families`.
    trials
        How many were ever begun.
    outcomes
        How many of them ended in which way: ``finished``, ``failed``, ``refused``, ``unfinished``.
    sharpes
        Sharpe ratio per bar of each finished trial, shape (finished,).
    returns
        Net returns per bar of the finished trials that cover the candidate's bars, shape
        (bars, those trials), in the candidate's order of bars; the candidate is one column.
    candidate
        The candidate's column in `returns`.
    """

    name: str = ""
    trials: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    sharpes: Floats = field(default_factory=_nothing)
    returns: Floats = field(default_factory=lambda: np.empty((0, 0)))
    candidate: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """The sealed last part of the data, and what was seen of it.

    Attributes
    ----------
    source
        The source's name in the settings.
    sealed_from
        The first sealed day; none where nothing is sealed.
    looks, family_looks
        How often the gate opened it for this strategy, and for all on the same data.
    seen
        Whether a look of this strategy has ended.
    found
        The moments of the strategy's net returns there, by its newest look; none where they do not
        vary.
    contaminated
        Trials of the family that read past that day before it was sealed.
    """

    source: str = ""
    sealed_from: date | None = None
    looks: int = 0
    family_looks: int = 0
    seen: bool = False
    found: Moments | None = None
    contaminated: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of one strategy.

    Attributes
    ----------
    strategy, run_id
        What is judged, as ``us_momentum@4f0c...``, and the run that proposed it.
    digests
        What an approval binds.
    figures
        Numbers that the run submitted, by name, as ``max_drawdown``.
    returns, benchmark
        Net returns per bar of the strategy and of its benchmark, shape (bars,).
    times
        Ends of those bars in UTC, shape (bars,); empty where they are not known.
    bars_per_year
        To annualise by.
    stress
        Rows of the backtest under harder conditions: ``scenario``, ``sharpe``, ...
    calibration
        Cards of the detectors that the study uses: ``detector``, ``false_alarms_per_1000_upper``;
        none where the run made no cards, empty where no detector watches.
    """

    strategy: str
    run_id: str
    digests: Digests
    figures: Mapping[str, float | None] = field(default_factory=dict)
    returns: Floats = field(default_factory=_nothing)
    benchmark: Floats = field(default_factory=_nothing)
    times: NDArray[np.datetime64] = field(default_factory=_no_times)
    bars_per_year: float = 252.0
    stress: tuple[Mapping[str, Any], ...] = ()
    calibration: tuple[Mapping[str, Any], ...] | None = None
    family: Family = field(default_factory=Family)
    holdout: Holdout = field(default_factory=Holdout)


def evidence_digest(submitted: Mapping[str, Any]) -> str:
    """Return the sha256 of what a run submitted, in hex."""
    return digest(submitted)
